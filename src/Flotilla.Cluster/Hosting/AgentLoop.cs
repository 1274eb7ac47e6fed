using System.Collections.Immutable;
using System.Threading.Channels;
using Flotilla.Cluster.Core;
using Flotilla.Cluster.Core.Inputs;
using Flotilla.Cluster.Servers;
using Flotilla.Cluster.Topology;
using Flotilla.Guard;
using Microsoft.Extensions.Logging;

namespace Flotilla.Cluster.Hosting;

/// <summary>Drives the machine: all that happens stands in one line, and one loop takes it.</summary>
internal sealed class AgentLoop : IAgentEffects
{
    /// <summary>What a group tells a newcomer comes in bursts; beyond, whoever tells waits.</summary>
    private const int QueueMax = 4096;

    private static readonly TimeSpan TickPeriod = TimeSpan.FromMilliseconds(50);

    private readonly Channel<Action> _queue = Channel.CreateBounded<Action>(new BoundedChannelOptions(QueueMax) { SingleReader = true });
    private readonly CancellationTokenSource _ending = new();
    private readonly AgentMachine _machine;
    private readonly AgentOptions _options;
    private readonly TopologySource _topology;
    private readonly NodeName _name;
    private readonly ILogger _logger;
    private readonly Func<bool> _mayAct;
    private readonly Action<ClusterCommand> _send;
    private NodeServers _servers = null!;
    private NodeView _members = NodeView.None;
    private long _nowNs;
    private (ClusterState Of, ImmutableHashSet<ServerName> Heard, ClusterState Shown) _told = (ClusterState.Empty, [], ClusterState.Empty);
    private volatile CoordinatorNotes _notes = new();
    private volatile ClusterSnapshot _status;

    /// <param name="options">Of the node.</param>
    /// <param name="topology">Is told what clients are to see.</param>
    /// <param name="mayAct">Whether the node may act for its view now.</param>
    /// <param name="send">Sends a command to the group, in the order of calls.</param>
    public AgentLoop(ClusterNodeOptions options, TopologySource topology, Func<bool> mayAct, Action<ClusterCommand> send)
    {
        _name = options.EffectiveNode;
        _logger = options.Logger;
        (_mayAct, _send) = (mayAct, send);
        _topology = topology;
        _options = AgentOptionsOf(options);
        _machine = new AgentMachine(_options, [.. options.Servers.Select(server => server.Spec with { LeaseMs = (int)options.Lease.TotalMilliseconds })]);
        _status = new ClusterSnapshot { Node = _name };
    }

    /// <summary>What is known; another object after each change.</summary>
    public ClusterSnapshot Status => _status;

    /// <summary>The status is another one. On the loop: return at once.</summary>
    public event Action<ClusterSnapshot>? Changed;

    /// <summary>What would be decided next if that were ordered. On any thread.</summary>
    public CoordinatorStep Plan(Order order)
        => AgentMachine.Plan(order, _status.State ?? ClusterState.Empty, _status.View, _notes, _options, BootClock.NowNs);

    /// <summary>What would happen now if a server were lost. On any thread.</summary>
    public IReadOnlyList<string> IfLost(ServerName server)
        => Explanation.IfLost(_status.State ?? ClusterState.Empty, _status.View, _notes, _options, server, BootClock.NowNs);

    public ServerName NameOf(uint serverId) => _status.State?.Servers.FirstOrDefault(server => server.Spec.ServerId == serverId)?.Name ?? ServerObserver.Unnamed(serverId);

    /// <summary>Runs until the end. Faults when the machine does: then the node must not act any more.</summary>
    public async Task RunAsync(NodeServers servers)
    {
        _servers = servers;
        using var ticking = new Timer(_ => _queue.Writer.TryWrite(() => Step(now => new Ticked(now))), null, TickPeriod, TickPeriod);
        try
        {
            await foreach (var next in _queue.Reader.ReadAllAsync(_ending.Token).ConfigureAwait(false))
                next();
        }
        catch (OperationCanceledException)
        {
            // Ended.
        }
        finally
        {
            _queue.Writer.TryComplete();
        }
    }

    public void End() => _ending.Cancel();

    /// <summary>Puts an input in line; it gets the time when its turn has come.</summary>
    public Task StepAsync(Func<long, AgentInput> make) => InLineAsync(() => Step(make));

    /// <summary>The group's next command; <paramref name="applied"/> learns the state right after it.</summary>
    public Task DeliverAsync(ClusterCommand command, Action<ClusterState> applied) => InLineAsync(() =>
    {
        Step(now => new CommandDelivered(now, command));
        applied(_machine.State!);
    });

    /// <summary>The group's members, the oldest first.</summary>
    public Task MembersAsync(NodeView members) => InLineAsync(() =>
    {
        _members = members;
        Step(now => new Ticked(now));
    });

    /// <summary>The node can't go on: what it knows is no longer what the others know.</summary>
    public Task FailAsync(string why) => InLineAsync(() => throw new InvalidDataException(why));

    /// <summary>Asks the machine in its turn.</summary>
    public async Task<T> AskAsync<T>(Func<AgentMachine, T> ask)
    {
        var answer = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        await InLineAsync(() => answer.TrySetResult(ask(_machine)));
        return await answer.Task.WaitAsync(_ending.Token);
    }

    void IAgentEffects.Send(ClusterCommand command) => _send(command);

    void IAgentEffects.Look(ServerName server) => _servers.Look(server, _machine.State!);

    void IAgentEffects.Do(ServerName server, ServerAction action) => _servers.Do(server, action, _machine.State!);

    void IAgentEffects.SetDeadline(ServerName server, ulong epoch, long? deadlineNs) => _servers.SetDeadline(server, epoch, deadlineNs);

    void IAgentEffects.Publish(ClusterState state, NodeView view) => _topology.Publish(Shown(Told(state), _topology.State), view);

    void IAgentEffects.Decided(Decision decision) => Log.Decided(_logger, decision.Number, decision.Epoch, decision.What, decision.Why);

    private static AgentOptions AgentOptionsOf(ClusterNodeOptions options) => new()
    {
        Node = options.EffectiveNode,
        Life = BitConverter.ToUInt64(System.Security.Cryptography.RandomNumberGenerator.GetBytes(sizeof(ulong))),
        Level = options.Level,
        HangNs = (long)options.HangAfter.TotalNanoseconds,
        ReplicaHangNs = (long)options.ReplicaHangAfter.TotalNanoseconds,
    };

    // Inputs that nobody waits for may come after the end.
    private async Task InLineAsync(Action next)
    {
        try
        {
            await _queue.Writer.WriteAsync(next, _ending.Token).ConfigureAwait(false);
        }
        catch (Exception end) when (end is ChannelClosedException or OperationCanceledException)
        {
            // The node has ended.
        }
    }

    private void Step(Func<long, AgentInput> make)
    {
        var view = _mayAct() ? _members : NodeView.None;
        if (!view.Members.SequenceEqual(_machine.View.Members))
            Take(new NodesChanged(Now(), view));
        Take(make(Now()));
        Show();
    }

    private void Take(AgentInput input) => _machine.Step(input with { AtMs = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() }, this);

    private long Now() => _nowNs = Math.Max(_nowNs, BootClock.NowNs);

    // A node that lost its place in the group has no state until it is told again: meanwhile it shows what it knew, and that it may be old.
    private static ClusterState Shown(ClusterState state, ClusterState? before) => ReferenceEquals(state, ClusterState.Empty) ? before ?? state : state;

    // Of a server that was not heard of since the state came here, or since its node did, it is known what it was, not what it is.
    private ClusterState Told(ClusterState state)
    {
        var heard = _machine.Heard;
        if (ReferenceEquals(state, _told.Of) && ReferenceEquals(heard, _told.Heard))
            return _told.Shown;
        var shown = state.Servers.All(server => heard.Contains(server.Name)) ? state : state with { Servers = [.. state.Servers.Select(server => heard.Contains(server.Name) ? server : Unheard(server))] };
        _told = (state, heard, shown);
        return shown;
    }

    private static ServerState Unheard(ServerState server) => server with { Report = server.Report with { Status = ServerStatus.Unknown, LagSeconds = null, ThreadsRunning = 0 } };

    private void Show()
    {
        _notes = _machine.Notes;
        var last = _status;
        var reasons = last.Servers;
        foreach (var (server, reason) in _machine.Reasons)
        {
            if (!reasons.TryGetValue(server, out var told) || told != reason)
                reasons = reasons.SetItem(server, reason);
        }

        var state = _machine.State is { } known ? Shown(Told(known), last.State) : null;
        if (ReferenceEquals(last.State, state) && ReferenceEquals(last.View, _machine.View) && last.Reason == _machine.Reason && ReferenceEquals(last.Servers, reasons))
            return;
        _status = last with { State = state, View = _machine.View, Reason = _machine.Reason, Servers = reasons };
        Changed?.Invoke(_status);
    }
}
