using System.Collections.Immutable;
using System.Globalization;
using Flotilla.Cluster.Core;

namespace Flotilla.Cluster.Topology;

/// <summary>
/// Makes the topology of one node from what the group agreed on, who is in it, and what was announced here. A server counts as heard of as long as its node is in the view, as
/// this node knows it. Thread-safe.
/// </summary>
public sealed class TopologySource
{
    /// <summary>A server that the cluster drives is stale after this: three heartbeats.</summary>
    public const int TtlSeconds = 3;

    private readonly Lock _gate = new();
    private readonly string _cluster;
    private readonly AnnouncedServers _announced;
    private readonly TimeProvider _time;
    private readonly Dictionary<ServerName, long> _heard = [];
    private ClusterState _state = ClusterState.Empty;
    private NodeView _view = NodeView.None;
    private ImmutableArray<TopologyMember> _shown = [];
    private TaskCompletionSource _changed = NewSignal();
    private TaskCompletionSource _published = NewSignal();
    private ClusterTopology _current;

    /// <param name="cluster">The cluster's name or id.</param>
    /// <param name="announced">Servers that announced themselves here.</param>
    /// <param name="time">Clock.</param>
    public TopologySource(string cluster, AnnouncedServers announced, TimeProvider time)
    {
        (_cluster, _announced, _time) = (cluster, announced, time);
        var now = time.GetUtcNow();
        _current = new ClusterTopology
        {
            Cluster = cluster,
            Epoch = 0,
            // Above whatever this node gave in an earlier life.
            Version = (ulong)now.ToUnixTimeMilliseconds() * 1000,
            HasQuorum = false,
            At = now,
            Members = [],
        };
    }

    /// <summary>The node that says all this.</summary>
    public string Node => _announced.Node;

    /// <summary>The topology at this moment.</summary>
    public ClusterTopology Current
    {
        get
        {
            lock (_gate)
                return Refresh();
        }
    }

    /// <summary>What the group agreed on, as far as it came here.</summary>
    public ClusterState State
    {
        get
        {
            lock (_gate)
                return _state;
        }
    }

    /// <summary>The nodes that are here; <see cref="NodeView.None"/> while this one is cut off.</summary>
    public NodeView View
    {
        get
        {
            lock (_gate)
                return _view;
        }
    }

    /// <summary>The group agreed on something, or another node is here or gone; <see cref="NodeView.None"/> while this node is cut off.</summary>
    public void Publish(ClusterState state, NodeView view)
    {
        lock (_gate)
        {
            // Whoever leaves was heard of until now.
            Hear();
            (_state, _view) = (state, view);
            Hear();
            Refresh();
            var signal = _published;
            _published = NewSignal();
            signal.SetResult();
        }
    }

    /// <summary>Looks what has become old or was announced since; once a second.</summary>
    public void Beat() => _ = Current;

    /// <summary>Waits until there is something new for one who has seen that epoch, and that version when it is given; the topology, new or not, when the patience is at its end.</summary>
    public async Task<ClusterTopology> WaitAsync(ulong epoch, ulong? version, TimeSpan patience, CancellationToken cancellationToken)
    {
        var start = _time.GetTimestamp();
        while (true)
        {
            Task changed;
            ClusterTopology current;
            lock (_gate)
                (current, changed) = (Refresh(), _changed.Task);
            var left = patience - _time.GetElapsedTime(start);
            if (current.IsNewerThan(epoch, version) || left <= TimeSpan.Zero)
                return current;
            // Most waits of those who only wait end without anything new: no exception for that.
            await changed.WaitAsync(left, _time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    /// <summary>The first state that the condition holds for, from now on.</summary>
    public async Task<ClusterState> WaitForStateAsync(Func<ClusterState, bool> holds, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task published;
            ClusterState state;
            lock (_gate)
                (state, published) = (_state, _published.Task);
            if (holds(state))
                return state;
            await published.WaitAsync(cancellationToken);
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private void Hear()
    {
        var now = _time.GetTimestamp();
        foreach (var server in _state.Servers)
        {
            if (_view.Has(server.Node))
                _heard[server.Name] = now;
        }
    }

    private ClusterTopology Refresh()
    {
        Hear();
        var now = _time.GetUtcNow();
        var members = _state.Servers.Select(server => Driven(server, now)).Concat(_announced.Members(now)).OrderBy(member => member.Name, StringComparer.Ordinal).ToImmutableArray();
        var shown = members.Select(member => member with { LastHeartbeat = null }).ToImmutableArray();
        var next = _current with { Epoch = _state.LastEpoch, HasQuorum = !_view.Members.IsEmpty, IsPaused = _state.IsPaused, Plan = Words(_state.Plan), At = now, Members = members };
        var isNews = !shown.SequenceEqual(_shown) || (next.Epoch, next.HasQuorum, next.IsPaused, next.Plan) != (_current.Epoch, _current.HasQuorum, _current.IsPaused, _current.Plan);
        if (!isNews)
            return _current = next;
        _shown = shown;
        _current = next with { Version = _current.Version + 1 };
        var signal = _changed;
        _changed = NewSignal();
        signal.SetResult();
        return _current;
    }

    private TopologyMember Driven(ServerState server, DateTimeOffset now)
    {
        var (spec, report) = (server.Spec, server.Report);
        var age = _heard.TryGetValue(server.Name, out var heard) ? _time.GetElapsedTime(heard) : (TimeSpan?)null;
        var isPrimary = _state.IsEpochLive && _state.Epoch!.Primary == server.Name && _state.Plan?.Phase != PlanPhase.Promote;
        return new TopologyMember
        {
            Name = server.Name.ToString(),
            Node = server.Node.ToString(),
            Host = spec.Host,
            Port = spec.Port,
            Role = isPrimary ? TopologyRole.Primary : TopologyRole.Replica,
            Status = age is null || age > TimeSpan.FromSeconds(TtlSeconds) ? TopologyStatus.Stale : StatusOf(report.Status),
            Epoch = _state.LastEpoch,
            LagSeconds = isPrimary ? 0 : report.LagSeconds,
            Load = report.ThreadsRunning,
            Site = spec.Site,
            TtlSeconds = TtlSeconds,
            LastHeartbeat = age is { } known ? now - known : null,
            IsInMaintenance = server.IsInMaintenance,
            IsWatched = spec.IsWatched,
            Error = !_view.Has(server.Node) && !_view.Members.IsEmpty ? $"its node {server.Node} is gone"
                : isPrimary && report.Error.Length == 0 && _state.Epoch!.Unacknowledged is { Position: not null, Commits: var commits } ? $"alone has what it answered without an acknowledgement: of {commits} commits that were killed while they waited"
                : report.Error,
            Source = report.Source?.ToString(),
        };
    }

    private static TopologyStatus StatusOf(ServerStatus status) => status switch
    {
        ServerStatus.Unknown => TopologyStatus.Unknown,
        ServerStatus.Down => TopologyStatus.Down,
        ServerStatus.Starting => TopologyStatus.Starting,
        ServerStatus.Up => TopologyStatus.Up,
        ServerStatus.Hung => TopologyStatus.Hung,
        _ => throw new ArgumentOutOfRangeException(nameof(status), status, null),
    };

    private static string? Words(Plan? plan) => plan is null ? null : string.Create(
        CultureInfo.InvariantCulture, $"{Lower(plan.Kind)} to epoch {plan.Epoch}, {Lower(plan.Phase)}{(plan.Candidate is { } candidate ? $" {candidate}" : "")}: {plan.Cause}");

    private static string Lower<T>(T word)
        where T : struct, Enum
        => word.ToString().ToLowerInvariant();
}
