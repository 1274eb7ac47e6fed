namespace Flotilla.JobServer.Core;

/// <summary>One connection: client, worker, administrator, or all of them.</summary>
internal sealed class ConnectionState(ConnectionId id, ConnectionInfo info)
{
    public const int None = -1;

    /// <summary>Shown until SET_CLIENT_ID says something else.</summary>
    private static readonly byte[] UnnamedClientId = "-"u8.ToArray();
    private JobList _running = new();

    public ConnectionId Id { get; } = id;

    public int Slot => Id.Slot;

    public ConnectionInfo Info { get; } = info;

    /// <summary>Who it is in the access rules.</summary>
    public string Identity { get; } = AccessControl.IdentityOf(info);

    /// <summary>Its end was asked for; nothing is read from it or written to it any more.</summary>
    public bool IsClosing { get; set; }

    public bool IsAuthenticated { get; set; } = info.IsTrusted;

    /// <summary>A refusal was reported; a peer that goes on asking fills no log.</summary>
    public bool IsDenialReported { get; set; }

    public bool WantsExceptions { get; set; }

    public bool WantsCancellations { get; set; }

    public byte[] ClientId { get; set; } = UnnamedClientId;

    /// <summary>Waits for a NOOP.</summary>
    public bool IsAsleep { get; set; }

    /// <summary>The function it was woken for and has not come for yet; null when it was not woken.</summary>
    public FunctionState? WokenFor { get; set; }

    public long WokenAtMs { get; set; }

    /// <summary>Neighbours among the woken, oldest first.</summary>
    public ConnectionState? NextWoken { get; set; }

    public ConnectionState? PreviousWoken { get; set; }

    /// <summary>Its abilities' numbers, the one to be served first at the end.</summary>
    public AbilityOrder Abilities { get; } = new();

    /// <summary>First of its abilities that are in no sleep list.</summary>
    public int FirstUnlisted { get; set; } = WorkerAbilities.None;

    /// <summary>First of the jobs it waits for.</summary>
    public int FirstLink { get; set; } = ClientLinks.None;

    /// <summary>Replies that wait behind the store or a listing; null when none do.</summary>
    public HeldReplies? Held { get; set; }

    /// <summary>It has a turn among the listings under way, or had one that was not taken back yet.</summary>
    public bool IsListing { get; set; }

    public int FirstRunning => _running.Head;

    public int RunningCount => _running.Count;

    /// <summary>Cancelled jobs that it still works on.</summary>
    public int CancelledCount { get; set; }

    public void AddRunning(JobTable jobs, int job) => _running.Append(jobs, job);

    public void RemoveRunning(JobTable jobs, int job) => _running.Remove(jobs, job);
}
