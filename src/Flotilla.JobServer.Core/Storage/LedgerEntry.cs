namespace Flotilla.JobServer.Core;

/// <summary>One record that the store was given and has not answered for.</summary>
internal readonly record struct LedgerEntry
{
    public StoredRecordKind Kind { get; init; }

    /// <summary>The job or schedule; 0 for a function.</summary>
    public ulong Id { get; init; }

    /// <summary>The function, for its settings.</summary>
    public int Function { get; init; }

    /// <summary>The connection that waits for it; -1 for none.</summary>
    public int Connection { get; init; }
}
