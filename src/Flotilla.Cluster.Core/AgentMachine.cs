using System.Collections.Immutable;
using Flotilla.Cluster.Core.Commands;
using Flotilla.Cluster.Core.Inputs;
using Flotilla.Primitives;

namespace Flotilla.Cluster.Core;

/// <summary>
/// A node's part in the cluster, without sockets, clock and threads: keeps the agreed state, drives the node's servers, keeps their leases, and coordinates while it is first. The same
/// inputs give the same effects. Driven by one caller at a time. See docs/design/cluster.md.
/// </summary>
public sealed partial class AgentMachine
{
    private readonly AgentOptions _options;
    private readonly ImmutableArray<ServerSpec> _specs;
    private readonly SortedDictionary<ServerName, Driven> _driven = [];
    private readonly Dictionary<string, long> _sent = new(StringComparer.Ordinal);
    private ClusterState? _state;
    private CoordinatorNotes _notes = new();
    private NodeView _view = NodeView.None;
    private ImmutableArray<NodeName> _members = [];
    private IAgentEffects _effects = null!;
    private long _nowNs;
    private long _atMs;

    /// <param name="options">How it behaves.</param>
    /// <param name="servers">The servers of this node, as configured.</param>
    public AgentMachine(AgentOptions options, ImmutableArray<ServerSpec> servers)
    {
        _options = options;
        _specs = servers;
        foreach (var spec in servers)
            _driven.Add(spec.Name, new Driven());
    }

    /// <summary>Null before this node has it.</summary>
    public ClusterState? State => _state;

    public NodeView View => _view;

    public CoordinatorNotes Notes => _notes;

    /// <summary>Servers that were reported since this node has the state, and since their nodes came into the view: of all others the state only tells what they were.</summary>
    public ImmutableHashSet<ServerName> Heard { get; private set; } = [];

    /// <summary>What the coordinator would do next, by what this node knows, or why it does nothing.</summary>
    public string Reason { get; private set; } = "has no state yet";

    /// <summary>What each server of this node waits for.</summary>
    public IEnumerable<KeyValuePair<ServerName, string>> Reasons => _driven.Select(one => KeyValuePair.Create(one.Key, one.Value.Reason));

    public void Step(AgentInput input, IAgentEffects effects)
    {
        Invariant.Require(input.NowNs >= _nowNs);
        (_nowNs, _atMs, _effects) = (input.NowNs, input.AtMs, effects);
        switch (input)
        {
            case StateLoaded loaded:
                Load(loaded.State);
                break;
            case CommandDelivered delivered:
                Deliver(delivered.Command);
                break;
            case NodesChanged changed:
                _view = changed.View;
                Welcome();
                ForgetReturned();
                _effects.Publish(_state ?? ClusterState.Empty, _view);
                break;
            case ServerSeen seen:
                OnSeen(seen);
                break;
            case ActionEnded ended:
                OnActionEnded(ended);
                break;
            case GuardTold told when _driven.TryGetValue(told.Server, out var driven):
                OnGuardTold(told, driven);
                break;
            case PersonAsked asked:
                Send(asked.Command);
                break;
        }

        Act();
    }

    /// <summary>What would be decided next if that were ordered, without ordering it.</summary>
    public CoordinatorStep Plan(Order order) => Plan(order, _state ?? ClusterState.Empty, _view, _notes, _options, _nowNs);

    /// <summary>The same from what a machine knew at any time.</summary>
    public static CoordinatorStep Plan(Order order, ClusterState state, NodeView view, CoordinatorNotes notes, AgentOptions options, long nowNs)
    {
        var asked = state with { Order = order with { Number = state.LastOrder + 1 } };
        return Coordinator.Next(asked, view, notes with { OrderSinceNs = nowNs }, options with { Node = view.Coordinator ?? options.Node }, nowNs);
    }

    private void Load(ClusterState state)
    {
        if (state.Level > _options.Level)
            throw new NotSupportedException($"the cluster's rules are of level {state.Level}, and this program knows up to {_options.Level}: upgrade it");
        _state = state;
        _notes = new CoordinatorNotes { StateSinceNs = _nowNs, KeepAliveNs = _nowNs, PhaseSinceNs = _nowNs, ProgressNs = _nowNs, OrderSinceNs = _nowNs };
        Heard = [];
        ReportAgain();
        Unsee();
        _effects.Publish(state, _view);
    }

    // Whoever comes has the state, and can't know how old what it says of servers is: so all say it again, and what was said of the newcomer's own is forgotten. A node that was paused saw nobody come.
    private void Welcome()
    {
        if (_view.Members.IsEmpty)
            return;
        var came = _view.Members.Except(_members).ToHashSet();
        _members = _view.Members;
        if (came.Count == 0)
            return;
        Heard = Heard.Except((_state?.Servers ?? []).Where(server => came.Contains(server.Node)).Select(server => server.Name));
        ReportAgain();
    }

    private void Deliver(ClusterCommand command)
    {
        Invariant.Require(_state is not null);
        var before = _state!;
        if (command is KeepAlive keepAlive)
        {
            OnKeepAlive(keepAlive);
            return;
        }

        var after = before.Apply(command);
        // Without its node in the view it may be of before an outage: what was in the log then is delivered once more.
        if (command is ReportServer report && _view.Has(report.Node) && after.Find(report.Server)?.Node == report.Node)
            Heard = Heard.Add(report.Server);
        if (ReferenceEquals(before, after))
            return;
        _state = after;
        Note(before, after, command);
        if (command is not ReportServer)
            Unsee();
        _effects.Publish(after, _view);
        foreach (var decision in after.History.SkipWhile(decision => decision.Number <= before.LastDecision))
            _effects.Decided(decision);
    }

    private void OnKeepAlive(KeepAlive keepAlive)
    {
        // After a command that begins another epoch no keep-alive of the old one counts any more: here lies the end of a lease.
        if (!_state!.IsPrimary(keepAlive.Server, keepAlive.Epoch))
            return;
        _notes = _notes with { KeepAliveNs = _nowNs };
        if (keepAlive.Life != _options.Life || !_driven.TryGetValue(keepAlive.Server, out var driven))
            return;
        if (driven.KeepAlives.Remove(keepAlive.Number, out var sentNs))
            _effects.SetDeadline(keepAlive.Server, keepAlive.Epoch, sentNs + _state.Epoch!.LeaseNs);
    }

    private void Note(ClusterState before, ClusterState after, ClusterCommand command)
    {
        if (before.Plan?.Number != after.Plan?.Number || before.Plan?.Phase != after.Plan?.Phase)
            _notes = _notes with { PhaseSinceNs = _nowNs, ProgressNs = _nowNs };
        if (before.Order?.Number != after.Order?.Number)
            _notes = _notes with { OrderSinceNs = _nowNs };
        if (before.Epoch?.Number != after.Epoch?.Number)
            _notes = _notes with { KeepAliveNs = _nowNs, SilentSinceNs = CoordinatorNotes.None };
        if (command is TellPromoted && before.Plan?.Kind == PlanKind.Failover)
            _notes = _notes with { FailoverNs = _nowNs };
        if (command is ReportServer report && after.Plan?.Candidate == report.Server && !report.Report.Applied.Equals(before.Find(report.Server)?.Report.Applied))
            _notes = _notes with { ProgressNs = _nowNs };
        if (command is ProvisionServer provision && _driven.TryGetValue(provision.Server, out var unfit))
            unfit.Notes = unfit.Notes with { UnfitStart = unfit.Notes.Guard?.Start ?? 0 };
        if (command is TellPromoted told && _driven.TryGetValue(told.Server, out var driven))
            driven.Notes = driven.Notes with { PromotedBy = told.Plan };
    }

    // Times that depend on the state and the view together.
    private void NoteAbsences()
    {
        var gone = _notes.GoneSinceNs;
        foreach (var node in _state!.Servers.Select(server => server.Node).Concat(gone.Keys).Distinct())
        {
            if (_view.Has(node))
                gone = gone.Remove(node);
            else if (!gone.ContainsKey(node))
                gone = gone.Add(node, _nowNs);
        }

        var silent = _notes.SilentSinceNs;
        var epoch = _state.Epoch;
        foreach (var name in _state.Servers.Select(server => server.Name).Concat(silent.Keys).Distinct())
        {
            var counts = epoch is not null && epoch.Ackers.Contains(name) && !epoch.IsLockedOut(name);
            if (!counts || (Evidence.HasReceived(_state, name, ReplicationPosition.None) && _state.Find(name) is { } server && _view.Has(server.Node)))
                silent = silent.Remove(name);
            else if (!silent.ContainsKey(name))
                silent = silent.Add(name, _nowNs);
        }

        if (!ReferenceEquals(gone, _notes.GoneSinceNs) || !ReferenceEquals(silent, _notes.SilentSinceNs))
            _notes = _notes with { GoneSinceNs = gone, SilentSinceNs = silent };
    }

    private void Act()
    {
        if (_state is null)
            return;
        NoteAbsences();
        // Without a view nothing is begun: what this node knows may be old.
        if (_view.Has(_options.Node))
        {
            Declare();
            foreach (var (name, driven) in _driven)
                Drive(name, driven);
            LookAtOthers();
            var step = Coordinator.Next(_state, _view, _notes, _options, _nowNs);
            Reason = step.Reason;
            if (step.Command is { } command)
                Repeat(command);
        }
        else
        {
            Reason = "this node is in no view: a majority of nodes is missing";
        }

        foreach (var (name, driven) in _driven)
            LookAt(name, driven);
    }

    private void Declare()
    {
        var isKnown = _state!.Levels.Contains(new NodeLevel(_options.Node, _options.Level))
            && _specs.All(spec => (_state.Find(spec.Name) is { } known && known.Spec == spec && known.Node == _options.Node) || Transitions.Obstacle(_state, _options.Node, spec) is not null);
        if (!isKnown)
            Repeat(new DeclareServers(_options.Node, _specs.RemoveAll(spec => spec.IsWatched && _state.Level < 2)) { Level = _options.Level });
    }

    private void Send(ClusterCommand command) => _effects.Send(command with { AtMs = _atMs });

    // A record's text names no members of its lists.
    private static string KeyOf(ClusterCommand command) => command switch
    {
        DeclareServers declare => $"{declare} {string.Join(", ", declare.Servers)}",
        BeginPlan begin => $"{begin} {string.Join(", ", begin.Without)}",
        ChooseCandidate choose => $"{choose} {string.Join(", ", choose.Missing)}",
        Promote promote => $"{promote} {string.Join(", ", promote.Ackers)}",
        _ => command.ToString(),
    };

    // Whatever was said without effect is said again, but not at once: it may be on its way.
    private void Repeat(ClusterCommand command)
    {
        var key = KeyOf(command);
        if (_sent.TryGetValue(key, out var atNs) && _nowNs - atNs < _options.RepeatNs)
            return;
        if (_sent.Count > 256)
            _sent.Clear();
        _sent[key] = _nowNs;
        Send(command);
    }
}
