namespace Flotilla.Cluster.Core;

/// <summary>What a node remembers of one of its servers; all of it can be found out again.</summary>
public sealed record ServerNotes
{
    /// <summary>Null before the guard was asked.</summary>
    public GuardStatus? Guard { get; init; }

    /// <summary>What was last seen.</summary>
    public ServerObservation? Seen { get; init; }

    /// <summary>When the look that saw it began.</summary>
    public long SeenNs { get; init; } = long.MinValue;

    /// <summary>Nothing happened since that look began: no action ended, the process neither began nor ended, the agreed state wants the same.</summary>
    public bool IsSeenNew { get; init; }

    /// <summary>When the process began, as far as this node knows.</summary>
    public long StartedNs { get; init; }

    /// <summary>When the last look began that was answered in this life of the process; null when none was.</summary>
    public long? AnsweredNs { get; init; }

    public ServerAction? Action { get; init; }

    /// <summary>Why the last action failed; null when it did not.</summary>
    public string? Failure { get; init; }

    /// <summary>No action before then.</summary>
    public long NotBeforeNs { get; init; } = long.MinValue;

    /// <summary>In that epoch, as primary, its process ended.</summary>
    public ulong EndedInEpoch { get; init; }

    /// <summary>Why this node last had its process killed; empty when that was another life of it.</summary>
    public string KilledFor { get; init; } = "";

    /// <summary>What came of the last comparison; counts for <see cref="ComparedIn"/> and this life of the process only.</summary>
    public Comparison? Compared { get; init; }

    public ulong ComparedIn { get; init; }

    /// <summary>What it had logged then: nothing is known of what came later.</summary>
    public ReplicationPosition ComparedAt { get; init; } = ReplicationPosition.None;

    /// <summary>What it has too much was saved, in that epoch.</summary>
    public ulong SavedIn { get; init; }

    /// <summary>It was filled anew, and the group does not know yet.</summary>
    public bool IsProvisioned { get; init; }

    /// <summary>Which life of its process it was to be filled anew in; 0 where that was before this node began.</summary>
    public ulong UnfitStart { get; init; }

    /// <summary>The plan whose hooks before the promotion ran; 0 for none.</summary>
    public ulong HookedBefore { get; init; }

    /// <summary>It was made primary by this plan, and the hooks after it did not run yet; 0 for none.</summary>
    public ulong PromotedBy { get; init; }

    /// <summary>What was seen can be acted on.</summary>
    public bool IsFresh => Action is null && IsSeenNew;
}
