namespace Flotilla.Groups.Core;

/// <summary>What a <see cref="GroupDelivery"/> is.</summary>
public enum GroupDeliveryKind : byte
{
    Message = 1,

    /// <summary>A message that wants an answer.</summary>
    Query,

    View,

    /// <summary>Make a checkpoint of everything delivered so far, and hand its pieces back under the correlation.</summary>
    MakeCheckpoint,

    /// <summary>A piece of a checkpoint that replaces the application's state.</summary>
    LoadCheckpoint,

    /// <summary>Nobody has a state to give: this member begins it.</summary>
    Create,

    /// <summary>This node lost the group (evicted, wiped out): forget the state; views and a checkpoint follow when it is back.</summary>
    Reset,
}
