namespace Flotilla.Guard;

/// <summary>The deadline of a server, and who may move it: the rules alone, without clock and process.</summary>
internal struct ServerLease
{
    /// <summary>The newest epoch that was named; the deadline is of this one. It outlives servers.</summary>
    public ulong Epoch { get; private set; }

    /// <summary>When the server must be dead; 0: it needs no lease.</summary>
    public long DeadlineNs { get; private set; }

    /// <summary>Takes note of an epoch; refused when a newer one was named before.</summary>
    public GuardRefusal See(ulong epoch)
    {
        if (epoch < Epoch)
            return GuardRefusal.StaleEpoch;
        Epoch = epoch;
        return GuardRefusal.None;
    }

    /// <summary>
    /// Moves the deadline. Within an epoch it only moves forward: each was granted, so the latest counts. One that has passed changes nothing: what was granted too
    /// late was never in force, and nobody may write on its account.
    /// </summary>
    public GuardRefusal Extend(ulong epoch, long deadlineNs, long nowNs)
    {
        if (epoch < Epoch)
            return GuardRefusal.StaleEpoch;
        if (deadlineNs <= nowNs)
            return GuardRefusal.DeadlinePassed;
        if (deadlineNs - nowNs > GuardProtocol.LeaseNsMax)
            return GuardRefusal.DeadlineTooFar;
        DeadlineNs = epoch == Epoch ? Math.Max(DeadlineNs, deadlineNs) : deadlineNs;
        Epoch = epoch;
        return GuardRefusal.None;
    }

    /// <summary>The server needs no lease any more.</summary>
    public GuardRefusal Release(ulong epoch)
    {
        if (See(epoch) is not GuardRefusal.None and var refusal)
            return refusal;
        Clear();
        return GuardRefusal.None;
    }

    /// <summary>Another server begins.</summary>
    public void Clear() => DeadlineNs = 0;
}
