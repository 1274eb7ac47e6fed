namespace Flotilla.MySql.Protocol;

/// <summary>First byte of a command packet.</summary>
public enum ServerCommand : byte
{
    Quit = 0x01,
    InitDb = 0x02,
    Query = 0x03,
    Statistics = 0x09,
    Ping = 0x0e,
    ChangeUser = 0x11,
    BinlogDump = 0x12,
    RegisterReplica = 0x15,
    StatementPrepare = 0x16,
    StatementExecute = 0x17,
    StatementSendLongData = 0x18,
    StatementClose = 0x19,
    StatementReset = 0x1a,
    SetOption = 0x1b,
    StatementFetch = 0x1c,
    BinlogDumpGtid = 0x1e,
    ResetConnection = 0x1f,
}
