namespace Flotilla.MySql.Protocol;

/// <summary>What a session change is about.</summary>
public enum SessionChangeKind : byte
{
    SystemVariable = 0,
    Schema = 1,
    StateChanged = 2,
    Gtids = 3,
    TransactionCharacteristics = 4,
    TransactionState = 5,
}
