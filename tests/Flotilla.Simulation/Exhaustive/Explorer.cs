using System.Runtime.InteropServices;
using Flotilla.Groups.Core.Frames;

namespace Flotilla.Simulation.Exhaustive;

/// <summary>
/// Tries everything that can happen to three nodes that have formed a group, within bounds: breadth first over the states of the cluster. A state is the
/// three nodes (machine, disk, what was delivered), their connections, and the frames under way. Heartbeats are always lost, as what they tell (who is gone)
/// comes from the connections.
/// </summary>
public sealed class Explorer
{
    private static readonly LocalInput Beat = new(LocalInputKind.Tick, Argument: Founding.TickMs);

    private readonly ExploreOptions _options;
    private readonly ExploredCluster _cluster;
    private readonly HashSet<UInt128> _visited = [];
    private readonly List<(int Parent, LocalInput Input, int Node)> _ways = [];
    private readonly Queue<(int[] State, int Number, int Depth)> _frontier = new();
    private readonly HashSet<(int, int)> _checked = [];
    private readonly HashSet<int> _checkedAlone = [];
    private readonly List<int> _scratch = [];
    private long _transitions;
    private long _quietStates;
    private ulong _highestEpoch;
    private int _depth;
    private string? _violation;
    private int _violationAt;

    private Explorer(ExploreOptions options)
    {
        _options = options;
        _cluster = new ExploredCluster(options);
    }

    /// <summary>Explores, by the thread that calls; a large stack is not needed.</summary>
    public static ExploreResult Run(ExploreOptions options)
    {
#if PLANTED_BUGS
        Planted.Plant(options.PlantedBug is { } bug ? Enum.Parse<Flotilla.Groups.Core.PlantedBug>(bug) : default);
        try
        {
            return new Explorer(options).Run();
        }
        finally
        {
            Planted.Plant(default(Flotilla.Groups.Core.PlantedBug));
        }
#else
        return new Explorer(options).Run();
#endif
    }

    private ExploreResult Run()
    {
        var nodes = new Founding(_cluster).Run();
        var state = _options.SendsFirst ? SendAll(nodes) : [.. nodes, new Budget(_options).Packed];
        Add(state, -1, default, -1, 0);
        while (_violation is null && _visited.Count < _options.StatesMax && _frontier.TryDequeue(out var next))
            Expand(next.State, next.Number, next.Depth);
        return new ExploreResult
        {
            States = _visited.Count, QuietStates = _quietStates, Transitions = _transitions, NodeStates = _cluster.StateCount, Depth = _depth,
            HighestEpoch = _highestEpoch, IsComplete = _violation is null && _frontier.Count == 0, Violation = _violation, Steps = [.. StepsTo(_violationAt)],
        };
    }

    private int[] SendAll(int[] nodes)
    {
        var budget = new Budget(_options);
        for (var send = 0; send < _options.Sends.Length; send++)
        {
            var node = _options.Sends[send].Node;
            var step = _cluster.Step(nodes[node], new LocalInput(LocalInputKind.Send, Argument: send));
            nodes[node] = step.Next;
            budget = budget.Sent(send);
            Send(step, node, budget);
        }

        ClusterState.SortByLink(_scratch);
        return [.. nodes, budget.Packed, .. _scratch];
    }

    private void Expand(int[] state, int number, int depth)
    {
        var budget = new Budget(state[ExploredCluster.Nodes]);
        for (var node = 0; node < ExploredCluster.Nodes; node++)
            ExpandNode(state, node, budget, number, depth);
        if (!IsQuiet(state, budget))
            return;
        _quietStates++;
        if (budget.Beats > 0)
            TryTogether(state, [.. Enumerable.Range(0, ExploredCluster.Nodes).Select(node => (node, Beat))], budget with { Beats = budget.Beats - 1 }, number, depth);
        for (var node = 0; node < ExploredCluster.Nodes; node++)
            ExpandQuiet(state, node, budget, number, depth);
    }

    /// <summary>What can happen to one node without another's doing.</summary>
    private void ExpandNode(int[] state, int node, Budget budget, int number, int depth)
    {
        for (var i = ClusterState.Header; i < state.Length; i++)
        {
            var (from, to, frame) = ClusterState.Unpack(state[i]);
            if (to != node || !ClusterState.IsHead(state, i))
                continue;
            Try(state, node, new LocalInput(LocalInputKind.Frame, from, frame), budget, number, depth, taken: i);
            if (budget.Drops > 0)
                Lose(state, i, budget, number, depth);
        }

        if (_cluster[state[node]].Unwritten > 0)
            Try(state, node, new LocalInput(LocalInputKind.Persisted), budget, number, depth);
        for (var send = 0; send < _options.Sends.Length; send++)
        {
            if (_options.Sends[send].Node == node && !budget.IsSent(send) && _cluster[state[node]] is { IsRunning: true, Lives: [{ IsOver: false }] })
                Try(state, node, new LocalInput(LocalInputKind.Send, Argument: send), budget.Sent(send), number, depth);
        }

        for (var peer = 0; peer < ExploredCluster.Nodes; peer++)
        {
            if (budget.IsUp(node, peer) && !budget.IsUp(peer, node))
                Try(state, node, new LocalInput(LocalInputKind.PeerDown, peer), budget.With(node, peer, isUp: false), number, depth);
        }

        for (var kept = 0; kept <= _cluster[state[node]].Unwritten && budget.Crashes > 0 && _cluster[state[node]].IsRunning; kept++)
            Try(state, node, new LocalInput(LocalInputKind.Crash, Argument: kept), budget.Crashed(node), number, depth);
    }

    /// <summary>What takes longer than frames: timers, a new process, a new connection. A tick takes no time: what is due happens.</summary>
    private void ExpandQuiet(int[] state, int node, Budget budget, int number, int depth)
    {
        var local = _cluster[state[node]];
        if (!local.IsRunning && budget.Restarts > 0)
            Try(state, node, new LocalInput(LocalInputKind.Start), budget with { Restarts = budget.Restarts - 1 }, number, depth);
        if (local.IsRunning)
            Try(state, node, new LocalInput(LocalInputKind.Tick), budget, number, depth);
        for (var peer = node + 1; peer < ExploredCluster.Nodes; peer++)
        {
            if (!budget.IsUp(node, peer) && local.Self.Incarnation > 0 && _cluster[state[peer]].Self.Incarnation > 0)
                Connect(state, node, peer, budget, number, depth);
        }
    }

    private bool IsQuiet(int[] state, Budget budget)
    {
        if (state.Length > ClusterState.Header)
            return false;
        for (var node = 0; node < ExploredCluster.Nodes; node++)
        {
            if (_cluster[state[node]].Unwritten > 0)
                return false;
            for (var peer = 0; peer < ExploredCluster.Nodes; peer++)
            {
                if (budget.IsUp(node, peer) && !budget.IsUp(peer, node))
                    return false;
            }
        }

        return true;
    }

    private void Try(int[] state, int node, LocalInput input, Budget budget, int number, int depth, int taken = -1)
    {
        var step = _cluster.Step(state[node], input);
        _transitions++;
        if (IsDefect(step, number, input, node))
            return;
        Begin(state, taken);
        if (input.Kind == LocalInputKind.Crash)
            _scratch.RemoveAll(packed => ClusterState.Unpack(packed).To == node);
        else if (input.Kind == LocalInputKind.PeerDown)
            _scratch.RemoveAll(packed => ClusterState.LinkOf(packed) == ClusterState.Link(input.Peer, node));
        Send(step, node, budget);
        Finish(state, node, step.Next, budget, number, input, depth);
    }

    private void Lose(int[] state, int taken, Budget budget, int number, int depth)
    {
        var (from, to, frame) = ClusterState.Unpack(state[taken]);
        Begin(state, taken);
        Finish(state, to, state[to], budget with { Drops = budget.Drops - 1 }, number, new LocalInput(LocalInputKind.Lost, from, frame), depth);
    }

    /// <summary>A connection opens at both ends at once.</summary>
    private void Connect(int[] state, int one, int other, Budget budget, int number, int depth)
    {
        var up = budget.With(one, other, isUp: true).With(other, one, isUp: true);
        var (here, there) = ((int)_cluster[state[one]].Self.Incarnation, (int)_cluster[state[other]].Self.Incarnation);
        TryTogether(state, [(one, new LocalInput(LocalInputKind.PeerUp, other, there)), (other, new LocalInput(LocalInputKind.PeerUp, one, here))], up, number, depth);
    }

    /// <summary>Steps of several nodes at once.</summary>
    private void TryTogether(int[] state, (int Node, LocalInput Input)[] inputs, Budget budget, int number, int depth)
    {
        var changed = (int[])state.Clone();
        _transitions++;
        Begin(state, -1);
        foreach (var (node, input) in inputs)
        {
            var step = _cluster.Step(state[node], input);
            if (IsDefect(step, number, input, node))
                return;
            Send(step, node, budget);
            changed[node] = step.Next;
        }

        var (last, what) = inputs[^1];
        Finish(changed, last, changed[last], budget, number, what, depth);
    }

    private bool IsDefect(LocalStep step, int number, in LocalInput input, int node)
    {
        if (step.Defect is null)
            return false;
        _ways.Add((number, input, node));
        (_violation, _violationAt) = (step.Defect, _ways.Count - 1);
        return true;
    }

    private void Begin(int[] state, int taken)
    {
        _scratch.Clear();
        for (var i = ClusterState.Header; i < state.Length; i++)
        {
            if (i != taken)
                _scratch.Add(state[i]);
        }
    }

    private void Send(LocalStep step, int from, Budget budget)
    {
        foreach (var (to, frame) in step.Sent)
        {
            if (budget.IsUp(to, from) && !_cluster.IsLost(frame))
                _scratch.Add(ClusterState.Pack(from, to, frame));
        }
    }

    private void Finish(int[] state, int node, int next, Budget budget, int number, in LocalInput input, int depth)
    {
        ClusterState.SortByLink(_scratch);
        var result = new int[ClusterState.Header + _scratch.Count];
        Array.Copy(state, result, ExploredCluster.Nodes);
        result[node] = next;
        result[ExploredCluster.Nodes] = budget.Packed;
        _scratch.CopyTo(result, ClusterState.Header);
        Add(result, number, input, node, depth + 1);
    }

    private void Add(int[] state, int parent, in LocalInput input, int node, int depth)
    {
        var digest = new StateDigest();
        digest.Add(MemoryMarshal.AsBytes(state.AsSpan()));
        if (!_visited.Add(digest.Value))
            return;
        _ways.Add((parent, input, node));
        _depth = Math.Max(_depth, depth);
        _frontier.Enqueue((state, _ways.Count - 1, depth));
        Check(state);
    }

    private void Check(int[] state)
    {
        for (var node = 0; node < ExploredCluster.Nodes; node++)
        {
            var local = _cluster[state[node]];
            if (_checkedAlone.Add(local.Seen))
                CheckAlone(local);
            for (var other = 0; other < node; other++)
            {
                var with = _cluster[state[other]];
                if (!_checked.Add((local.Seen, with.Seen)))
                    continue;
                foreach (var one in local.Lives)
                {
                    foreach (var two in with.Lives)
                        Note(Promises.Check(one, two));
                }
            }
        }
    }

    private void CheckAlone(LocalState local)
    {
        for (var i = 0; i < local.Lives.Length; i++)
        {
            Note(Promises.Check(local.Lives[i]));
            foreach (var view in local.Lives[i].Views)
                _highestEpoch = Math.Max(_highestEpoch, view.Epoch);
            for (var j = 0; j < i; j++)
                Note(Promises.Check(local.Lives[j], local.Lives[i]));
        }
    }

    private void Note(string? violation)
    {
        if (violation is null || _violation is not null)
            return;
        (_violation, _violationAt) = (violation, _ways.Count - 1);
    }

    private IEnumerable<string> StepsTo(int number)
    {
        if (_violation is null)
            return [];
        var steps = new List<string>();
        for (; number > 0; number = _ways[number].Parent)
        {
            var (_, input, node) = _ways[number];
            var peer = input.Peer < 0 ? "" : " " + ExploredCluster.Name(input.Peer);
            var what = input.Kind is LocalInputKind.Frame or LocalInputKind.Lost ? $" {(FrameType)_cluster.Frame(input.Argument)[0]}" : $" {input.Argument}";
            steps.Add($"{ExploredCluster.Name(node)}: {input.Kind}{peer}{what}");
        }

        steps.Reverse();
        return steps;
    }
}
