using Flotilla.Cluster.Core;
using Flotilla.Cluster.Core.Commands;

namespace Flotilla.Simulation.Cluster;

/// <summary>The promises C1 to C7, held against everything that happens.</summary>
internal sealed class ClusterChecks(ClusterWorld world)
{
    private const int ViolationsMax = 8;

    /// <summary>A client tries everywhere meanwhile.</summary>
    private const long FreshNs = 3_000_000_000;

    /// <summary>More of a lease than anybody would not wait for.</summary>
    private const long LeaseRestNs = 1_000_000_000;

    /// <summary>A look that long ago was for something else.</summary>
    private const long LookNs = 3_000_000_000;

    private readonly List<string> _violations = [];
    private readonly List<ulong> _acknowledged = [];
    private readonly Dictionary<ulong, ServerName> _primaries = [];
    private readonly List<(ModelServer Server, ulong Transaction)> _taken = [];
    private readonly Dictionary<ServerName, long> _notAnsweredNs = [];
    private (ulong Epoch, ServerName Server) _writable;
    private long _lastAckNs;
    private bool _mayLose;

    private bool IsMySql => world.Parameters.Kind == ServerKind.MySql;

    public IReadOnlyList<string> Violations => _violations;

    public int AcknowledgedCount => _acknowledged.Count;

    /// <summary>A client was told that its transaction is committed.</summary>
    public void Acknowledged(ModelServer server, ulong transaction)
    {
        _acknowledged.Add(transaction);
        _lastAckNs = world.NowNs;
        var guard = world.Guard(server);
        // The guard kills it first thing; what it answers before is in an acker's log, as its acknowledgement waited in a socket.
        if (world.IsJustAwake(server.Host))
            return;
        if (!guard.IsLive && world.NowNs - world.Node(server.Host).Clock.World(guard.DeadlineNs ?? 0) > 100_000_000)
            Fail("C2", $"{server.Name} acknowledged {transaction} without a lease");
        if (guard.Epoch < _writable.Epoch && server.Name != _writable.Server)
            Fail("C2", $"{server.Name} acknowledged {transaction} in epoch {guard.Epoch}, but {_writable.Server} is writable in epoch {_writable.Epoch}");
    }

    /// <summary>A server became writable.</summary>
    public void Writable(ModelServer server, ulong epoch, ClusterState known)
    {
        world.Say(server, $"is writable in epoch {epoch}");
        var guard = world.Guard(server);
        if (!guard.IsLive || guard.Epoch != epoch)
            Fail("C7", $"{server.Name} became writable in epoch {epoch} without a lease: its guard has {guard.Epoch}, {guard.DeadlineNs}");
        if (known.Epoch?.Primary != server.Name || known.Epoch.Number != epoch)
            Fail("C7", $"{server.Name} became writable in epoch {epoch}, which is not its");
        foreach (var other in world.Servers.Where(other => other != server && other is { IsRunning: true, IsReadOnly: false } && !world.IsSuspended(other.Host) && !world.IsJustAwake(other.Host)))
            Fail("C2", $"{server.Name} became writable in epoch {epoch} while {other.Name} is");
        if (epoch >= _writable.Epoch)
            _writable = (epoch, server.Name);
        HasAll(server, $"the primary of epoch {epoch}");
    }

    /// <summary>Somebody looked at a server, and it did not answer.</summary>
    public void NotAnswered(ModelServer server) => _notAnsweredNs[server.Name] = world.NowNs;

    /// <summary>Something is in a server's log no more.</summary>
    public void TakenAway(ModelServer server, ulong transaction) => _taken.Add((server, transaction));

    /// <summary>A command came to its place in the log.</summary>
    public void Decided(ClusterState before, ClusterState after, ClusterCommand command)
    {
        if (after.LastEpoch < before.LastEpoch || after.LastEpoch > before.LastEpoch + 1)
            Fail("C3", $"epoch {before.LastEpoch} is followed by {after.LastEpoch}");
        if (after.Epoch is { } epoch && !_primaries.TryAdd(epoch.Number, epoch.Primary) && _primaries[epoch.Number] != epoch.Primary)
            Fail("C3", $"epoch {epoch.Number} has {_primaries[epoch.Number]} and {epoch.Primary}");
        if (after.Plan is { Missing.IsEmpty: false } plan && before.Plan?.Missing.IsEmpty != false)
            _mayLose = true;
        if (ReferenceEquals(before, after))
            return;
        world.Spring(command);
        if (command is PrimaryDown { Why: var why } && world.IsWellSinceFault)
            Fail("C5", $"a primary goes down without a cause: {why}");
        if (command is BeginPlan begin)
        {
            world.Count($"plan: {begin.Kind}");
            if (begin.Kind != PlanKind.Switchover && before.IsEpochLive && world.IsWellSinceFault)
                Fail("C5", $"{begin.Kind} begins without a cause: {begin.Cause}");
            if (begin.Cause.StartsWith("its node", StringComparison.Ordinal) && before.Epoch is { } replaced)
                RequireAsked(world.Server(replaced.Primary));
        }

        if (command is Promote && after.Plan?.Kind == PlanKind.Start && after.Plan.Fence is Fence.LeaseOver)
            world.Count("start after a lease");
        if (command is Degrade or TakeAwayAcker or ReadmitAcker or ForgetElders or EndDegraded or AbandonPlan or EndOrder or TellPromoted or PrimaryDown)
            world.Count("command: " + command.GetType().Name);
        if (command is ChooseCandidate { Source: not null })
            world.Count("chosen with a source");
    }

    /// <summary>Whether there is nothing left to do: one primary, acknowledged by all others, which follow it.</summary>
    public bool IsWell()
        => world.Agreed.Head is { Plan: null, Order: null, IsEpochLive: true, Epoch: { Durability: Durability.Acknowledged, Elders.IsEmpty: true, LockedOut.IsEmpty: true } epoch }
            && world.NowNs - _lastAckNs < FreshNs
            && world.Server(epoch.Primary) is { IsRunning: true, IsReadOnly: false, IsMute: false } primary
            && world.Servers.TrueForAll(server => server == primary || (epoch.Ackers.Contains(server.Name) && Follows(server, primary)))
            && world.IsWhole;

    public void End()
    {
        var head = world.Agreed.Head;
        if (head.Plan is { } plan)
            Fail("C4", $"plan {plan.Number} ({plan.Kind}) does not end: {plan.Phase}, {world.Reason()}");
        var primary = head.Epoch is { } epoch ? world.Server(epoch.Primary) : null;
        if (primary is null || !head.IsEpochLive || primary is not { IsRunning: true, IsReadOnly: false })
            Fail("C4", $"there is no writable primary in the end: {world.Reason()}");
        else if (world.QuietSinceNs - _lastAckNs > FreshNs)
            Fail("C4", $"nothing was acknowledged since {_lastAckNs / 1_000_000} ms: {world.Reason()}");
        if (primary is null)
            return;
        if (head.Epoch is not { Durability: Durability.Acknowledged, Elders.IsEmpty: true, LockedOut.IsEmpty: true })
            Fail("C4", $"the epoch is not whole: {head.Epoch}, {world.Reason()}");
        HasAll(primary, "the last primary");
        foreach (var server in world.Servers.Where(server => server != primary))
        {
            // Who is slow may still be on its way.
            if (!Follows(server, primary) || !IsSameLog(server, primary))
                Fail("C4", $"{server.Name} did not rejoin: {server.Logged} of {primary.Logged}, {world.Reason(server)}");
        }

        foreach (var (server, transaction) in IsMySql ? [] : _taken)
        {
            if (!primary.Has(transaction) && !server.Saved.Contains(transaction))
                Fail("C6", $"{transaction} was taken away from {server.Name} and is nowhere");
        }
    }

    /// <summary>Whether a server has what another one has not.</summary>
    public static bool IsErrant(ModelServer server, ModelServer primary) => server.Log.Exists(one => !primary.Has(one.Id));

    /// <summary>Whether two others have everything that was acknowledged: then one that is lost is the first of the two that may be.</summary>
    public bool IsElsewhere(ModelServer server)
        => _acknowledged.TrueForAll(one => world.Servers.Count(other => other != server && other.Has(one)) >= 2);

    public void Fail(string name, string what)
    {
        world.Say("check", $"{name}: {what}");
        if (_violations.Count < ViolationsMax)
            _violations.Add($"{name}: {what}, at {world.NowNs / 1_000_000} ms");
    }

    private bool Follows(ModelServer server, ModelServer primary)
        => server is { IsRunning: true, IsMute: false, IsConnected: true, IsApplierOn: true } && server.IsSemiSyncReplica == !IsMySql && server.Source == primary;

    // With its lease as good as over it need not be.
    private void RequireAsked(ModelServer primary)
    {
        var isLong = world.Guard(primary) is { IsLive: true } guard && guard.DeadlineNs - world.Node(primary.Host).NowNs > LeaseRestNs;
        if (isLong && world.NowNs - _notAnsweredNs.GetValueOrDefault(primary.Name, long.MinValue / 2) > LookNs)
            Fail("C5", $"{primary.Name} is replaced, its node is gone, and nobody asked it");
    }

    // With MySQL the order in which two servers' transactions came may differ, and what is written to a replica by hand while it follows stays unnoticed.
    private bool IsSameLog(ModelServer server, ModelServer primary)
        => IsMySql ? server.Log.TrueForAll(one => primary.Has(one.Id) || server.ByHand.Contains(one.Id)) : primary.Log.Select(one => one.Id).Take(server.Log.Count).SequenceEqual(server.Log.Select(one => one.Id));

    private void HasAll(ModelServer server, string who)
    {
        if (IsMySql)
            return;
        var lost = _acknowledged.Where(one => !server.Has(one)).ToList();
        if (lost.Count == 0)
            return;
        if (!_mayLose)
            Fail("C1", $"{server.Name}, {who}, lacks {lost.Count} acknowledged transactions, {lost[0]} first");
        world.Count("recorded loss");
        _acknowledged.RemoveAll(lost.Contains);
        _mayLose = false;
    }
}
