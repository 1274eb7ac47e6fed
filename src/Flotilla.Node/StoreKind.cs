namespace Flotilla.Node;

/// <summary>Where background jobs are kept.</summary>
public enum StoreKind
{
    /// <summary>In an append-only file: survives crashes and power failures.</summary>
    File,

    /// <summary>In a SQLite database.</summary>
    Sqlite,

    /// <summary>In memory: gone with the process.</summary>
    Memory,
}
