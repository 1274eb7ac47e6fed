using System.Collections.Immutable;
using Flotilla.Cluster.Core;

namespace Flotilla.Simulation.Cluster;

/// <summary>
/// The group as the cluster's core sees it: one log, views, majorities, delays; nodes that are cut off are told in time, left out and taken in again with the state. The groups'
/// own simulation shows that the group is like this.
/// </summary>
internal sealed class ModelLog
{
    private const long Ms = 1_000_000;
    private const long SuspectNs = 600 * Ms;
    private const long LostNs = 900 * Ms;
    private const long LeaseNs = 1000 * Ms;

    private readonly ClusterWorld _world;
    private readonly List<(ClusterCommand? Command, NodeView? View)> _entries = [];
    private readonly Seat[] _seats;
    private ImmutableArray<int> _members = [];
    private long _majoritySinceNs;

    public ModelLog(ClusterWorld world, int nodes)
    {
        _world = world;
        _seats = [.. Enumerable.Range(0, nodes).Select(_ => new Seat())];
    }

    public ClusterState Head { get; private set; } = ClusterState.Empty;

    public ulong Views { get; private set; }

    public void Submit(int node, ClusterCommand command)
    {
        var seat = _seats[node];
        if (!seat.IsMember)
            return;
        seat.Submitted.Enqueue(command);
        Later(node, seat.Joined);
    }

    /// <summary>A node's process began: it is nobody yet.</summary>
    public void Began(int node) => _seats[node] = new Seat { SeenNs = _world.NowNs, Joined = _seats[node].Joined + 1 };

    public void Watch()
    {
        var now = _world.NowNs;
        var core = Core();
        for (var i = 0; i < _seats.Length; i++)
        {
            var seat = _seats[i];
            if (core.Contains(i))
            {
                seat.SeenNs = now;
                if (seat.IsMember && seat.IsLost)
                {
                    seat.IsLost = false;
                    Tell(i, _entries.Count == 0 ? NodeView.None : Current());
                }
            }
            else if (seat.IsMember && !seat.IsLost && now - seat.SeenNs >= LostNs && _world.Node(i).IsUp)
            {
                seat.IsLost = true;
                Tell(i, NodeView.None);
            }
        }

        if (core.Count == 0)
        {
            _majoritySinceNs = now;
            return;
        }

        var isGone = _members.Any(member => IsOut(member, core, now));
        var comes = core.Where(node => !_seats[node].IsMember).ToList();
        // A newcomer that is heard, and a while for those that come together.
        if (!isGone && (comes.Count == 0 || now - _majoritySinceNs < 300 * Ms))
            return;
        Install([.. _members.Where(member => !IsOut(member, core, now) && _seats[member].IsMember), .. comes]);
    }

    private bool IsOut(int member, HashSet<int> core, long now)
        => !_seats[member].IsMember || (!core.Contains(member) && (!_world.Node(member).IsUp ? now - _seats[member].SeenNs > 20 * Ms : now - _seats[member].SeenNs >= Math.Max(SuspectNs, LeaseNs)));

    private NodeView Current() => new([.. _members.Select(member => _world.Node(member).Name)]);

    private void Install(ImmutableArray<int> members)
    {
        if (2 * members.Length <= _seats.Length)
            return;
        foreach (var gone in _members.Except(members))
        {
            _seats[gone].IsMember = false;
            Tell(gone, NodeView.None);
        }

        Views++;
        _members = members;
        _entries.Add((null, Current()));
        _world.Say("log", $"view {Views}: {string.Join(' ', members)}");
        foreach (var member in members)
        {
            var seat = _seats[member];
            if (!seat.IsMember)
            {
                seat.IsMember = true;
                seat.IsLost = false;
                seat.IsDelivering = false;
                seat.Joined++;
                seat.Submitted.Clear();
                seat.Delivered = _entries.Count - 1;
                var state = Head;
                _world.Node(member).Load(state);
            }

            Deliver(member);
        }
    }

    // The largest set of nodes that hear one another, when it is a majority.
    private HashSet<int> Core()
    {
        var best = new HashSet<int>();
        for (var i = 0; i < _seats.Length; i++)
        {
            var set = new HashSet<int>();
            for (var j = 0; j < _seats.Length; j++)
            {
                if (IsHeard(j) && set.All(other => _world.IsLinked(other, j)) && (i == j || (IsHeard(i) && _world.IsLinked(i, j))))
                    set.Add(j);
            }

            if (set.Count > best.Count || (set.Count == best.Count && set.Count(_members.Contains) > best.Count(_members.Contains)))
                best = set;
        }

        return 2 * best.Count > _seats.Length ? best : [];
    }

    private bool IsHeard(int node) => _world.Node(node) is { IsUp: true, IsPaused: false };

    private void Later(int node, ulong joined)
        => _world.After(_world.CommitNs(), () => Append(node, joined));

    private void Append(int node, ulong joined)
    {
        var seat = _seats[node];
        if (!seat.IsMember || seat.Joined != joined || seat.Submitted.Count == 0)
            return;
        var core = Core();
        if (_members.IsEmpty || !core.Contains(node) || !core.Contains(_members[0]))
        {
            _world.After(20 * Ms, () => Append(node, joined));
            return;
        }

        var command = seat.Submitted.Dequeue();
        _entries.Add((command, null));
        var before = Head;
        Head = Head.Apply(command);
        _world.Checks.Decided(before, Head, command);
        foreach (var member in _members)
            Deliver(member);
    }

    private void Deliver(int node)
    {
        var seat = _seats[node];
        if (seat.IsDelivering)
            return;
        seat.IsDelivering = true;
        var joined = seat.Joined;
        _world.After(_world.LinkDelayNs(0, 1), () => DeliverNow(node, joined));
    }

    private void DeliverNow(int node, ulong joined)
    {
        var seat = _seats[node];
        if (joined != seat.Joined)
            return;
        seat.IsDelivering = false;
        if (!seat.IsMember || seat.Delivered >= _entries.Count)
            return;
        // What comes to a process that is stopped waits in its sockets.
        if (!Core().Contains(node) && !_world.Node(node).IsPaused)
        {
            seat.IsDelivering = true;
            _world.After(20 * Ms, () => DeliverNow(node, joined));
            return;
        }

        while (seat.Delivered < _entries.Count)
        {
            var (command, view) = _entries[seat.Delivered++];
            if (command is not null)
                _world.Node(node).Deliver(command);
            else
                Tell(node, view!);
        }
    }

    private void Tell(int node, NodeView view) => _world.Node(node).Tell(view);

    private sealed class Seat
    {
        public bool IsMember { get; set; }

        public bool IsLost { get; set; }

        public bool IsDelivering { get; set; }

        public ulong Joined { get; set; }

        public int Delivered { get; set; }

        public long SeenNs { get; set; }

        public Queue<ClusterCommand> Submitted { get; } = [];
    }
}
