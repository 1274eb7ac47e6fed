namespace Flotilla.JobServer.Core.Tests;

/// <summary>A job as somebody would write it down who has all the time in the world.</summary>
internal sealed class ModelJob
{
    public required ulong Id { get; init; }

    public required ModelFunction Function { get; init; }

    public required string Unique { get; init; }

    public required string Data { get; init; }

    public required JobPriority Priority { get; init; }

    public bool IsBackground { get; set; }

    /// <summary>storing, queued, running, delayed, dead, cancelled, gone.</summary>
    public string State { get; set; } = "new";

    public int Attempts { get; set; }

    /// <summary>When it becomes due or times out; null for never.</summary>
    public long? TimerMs { get; set; }

    public long DueMs { get; set; }

    public ModelPeer? Worker { get; set; }

    /// <summary>A worker's jobs are lost in the order in which they were started.</summary>
    public int StartNumber { get; set; }

    public int DelayNumber { get; set; }

    public List<ModelPeer> Clients { get; } = [];

    public bool HoldsKey { get; set; }

    public bool IsStored { get; set; }

    /// <summary>Sequence of the record that the store has not answered for.</summary>
    public ulong PendingSequence { get; set; }

    public string Numerator { get; set; } = "0";

    public string Denominator { get; set; } = "0";

    public string Key => Unique == "-" ? "data:" + Data : "unique:" + Unique;

    public bool HasKey => Unique.Length > 0 && (Unique != "-" || Data.Length > 0);
}
