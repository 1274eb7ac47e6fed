namespace Flotilla.MySql.Protocol;

/// <summary>How a binlog is to be sent.</summary>
[Flags]
public enum BinlogDumpFlags : ushort
{
    None = 0,

    /// <summary>End with an EOF packet where the binlog ends, instead of waiting for more.</summary>
    NonBlocking = 1,

    /// <summary>MariaDB: send the events that hold the text of the statement behind row events.</summary>
    SendAnnotateRows = 2,
}
