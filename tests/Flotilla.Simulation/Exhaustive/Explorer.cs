namespace Flotilla.Simulation.Exhaustive;

/// <summary>
/// Tries everything that can happen to three nodes that have formed a group, within bounds: breadth first over the states of the cluster. A state is the
/// three nodes (machine, disk, what was delivered), their connections, and the set of frames under way. A frame that is never taken is a lost one, so no
/// losses need to be tried; heartbeats are always lost, as what they tell (who is gone) comes from the connections.
/// </summary>
public sealed class Explorer
{
    private const int Header = ExploredCluster.Nodes + 1;
    private const int PeerShift = 24;

    private readonly ExploreOptions _options;
    private readonly ExploredCluster _cluster;
    private readonly HashSet<UInt128> _visited = [];
    private readonly List<(int Parent, LocalInput Input, int Node)> _ways = [];
    private readonly Queue<(int[] State, int Number, int Depth)> _frontier = new();
    private readonly HashSet<(int, int)> _checked = [];
    private readonly HashSet<int> _checkedAlone = [];
    private readonly List<int> _scratch = [];
    private long _transitions;
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
        Flotilla.Groups.Core.Planted.Active = options.PlantedBug is { } bug ? Enum.Parse<Flotilla.Groups.Core.PlantedBug>(bug) : default;
        try
        {
            return new Explorer(options).Run();
        }
        finally
        {
            Flotilla.Groups.Core.Planted.Active = default;
        }
#else
        return new Explorer(options).Run();
#endif
    }

    private ExploreResult Run()
    {
        var first = new Founding(_cluster).Run();
        var state = new int[Header];
        first.CopyTo(state, 0);
        state[ExploredCluster.Nodes] = new Budget(_options).Packed;
        Add(_options.SendsFirst ? SendAll(state) : state, -1, default, -1, 0);
        while (_violation is null && _visited.Count < _options.StatesMax && _frontier.TryDequeue(out var next))
            Expand(next.State, next.Number, next.Depth);
        return new ExploreResult
        {
            States = _visited.Count, Transitions = _transitions, NodeStates = _cluster.StateCount, Depth = _depth, HighestEpoch = _highestEpoch,
            IsComplete = _violation is null && _frontier.Count == 0, Violation = _violation, Steps = [.. StepsTo(_violationAt)],
        };
    }

    private int[] SendAll(int[] state)
    {
        var budget = new Budget(_options);
        _scratch.Clear();
        for (var send = 0; send < _options.Sends.Length; send++)
        {
            var node = _options.Sends[send].Node;
            var step = _cluster.Step(state[node], new LocalInput(LocalInputKind.Send, Argument: send));
            state[node] = step.Next;
            budget = budget.Sent(send);
            Send(step, node, budget);
        }

        SortByLink();
        return [state[0], state[1], state[2], budget.Packed, .. _scratch];
    }

    private void Expand(int[] state, int number, int depth)
    {
        var budget = new Budget(state[ExploredCluster.Nodes]);
        for (var i = Header; i < state.Length && _violation is null; i++)
        {
            if (_options.OrdersFrames && i > Header && state[i] >> PeerShift == state[i - 1] >> PeerShift)
                continue;
            Deliver(state, i, number, depth);
            if (budget.Drops > 0)
            {
                Begin(state, i);
                Finish(state, 0, state[0], budget with { Drops = budget.Drops - 1 }, number, default, depth);
            }
        }

        for (var node = 0; node < ExploredCluster.Nodes && _violation is null; node++)
        {
            var local = _cluster[state[node]];
            if (local.IsRunning)
                ExpandRunning(state, node, local, budget, number, depth);
            else if (budget.Restarts > 0 && (!_options.RestartsLate || IsQuiet(state, budget)))
                Try(state, node, new LocalInput(LocalInputKind.Start), budget with { Restarts = budget.Restarts - 1 }, number, depth);
            for (var peer = 0; peer < ExploredCluster.Nodes; peer++)
            {
                if (peer == node)
                    continue;
                if (budget.IsUp(node, peer) && !budget.IsUp(peer, node))
                    Try(state, node, new LocalInput(LocalInputKind.PeerDown, peer), budget.With(node, peer, isUp: false), number, depth);
                else if (peer > node && !budget.IsUp(node, peer) && !budget.IsUp(peer, node) && _cluster[state[peer]].Self.Incarnation > 0 && local.Self.Incarnation > 0
                    && (!_options.RestartsLate || IsQuiet(state, budget)))
                    Connect(state, node, peer, budget, number, depth);
            }
        }
    }

    private void ExpandRunning(int[] state, int node, LocalState local, Budget budget, int number, int depth)
    {
        if (local.Unwritten > 0)
            Try(state, node, new LocalInput(LocalInputKind.Persisted), budget, number, depth);
        if (budget.Ticks(node) > 0 && budget.Crashes < _options.Crashes && IsQuiet(state, budget))
            Try(state, node, new LocalInput(LocalInputKind.Tick, Argument: 1), budget.Ticked(node), number, depth);
        for (var send = 0; send < _options.Sends.Length && !_options.SendsFirst; send++)
        {
            if (_options.Sends[send].Node == node && !budget.IsSent(send) && local.Lives is [{ IsOver: false }])
                Try(state, node, new LocalInput(LocalInputKind.Send, Argument: send), budget.Sent(send), number, depth);
        }

        for (var kept = 0; kept <= local.Unwritten && budget.Crashes > 0; kept++)
            Try(state, node, new LocalInput(LocalInputKind.Crash, Argument: kept), budget.Crashed(node), number, depth);
    }

    /// <summary>Messages are faster than timers: nothing is under way, to be written, or to be noticed.</summary>
    private bool IsQuiet(int[] state, Budget budget)
    {
        if (state.Length > Header)
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

    private void Deliver(int[] state, int at, int number, int depth)
    {
        var (from, to, frame) = Unpack(state[at]);
        var input = new LocalInput(LocalInputKind.Frame, from, frame);
        var step = _cluster.Step(state[to], input);
        _transitions++;
        if (IsDefect(step, number, input, to))
            return;

        // What changes nothing need not be taken: the same frame may stay under way.
        if (step.Next == state[to] && step.Sent.Length == 0 && !_options.OrdersFrames)
            return;
        var budget = new Budget(state[ExploredCluster.Nodes]);
        Begin(state, _options.RepeatsFrames ? -1 : at);
        Send(step, to, budget);
        Finish(state, to, step.Next, budget, number, input, depth);
    }

    private void Try(int[] state, int node, LocalInput input, Budget budget, int number, int depth)
    {
        var step = _cluster.Step(state[node], input);
        _transitions++;
        if (IsDefect(step, number, input, node))
            return;
        Begin(state, -1);
        if (input.Kind == LocalInputKind.Crash)
            _scratch.RemoveAll(packed => Unpack(packed).To == node);
        else if (input.Kind == LocalInputKind.PeerDown)
            _scratch.RemoveAll(packed => Unpack(packed) is var frame && frame.To == node && frame.From == input.Peer);
        Send(step, node, budget);
        Finish(state, node, step.Next, budget, number, input, depth);
    }

    /// <summary>A connection opens at both ends at once.</summary>
    private void Connect(int[] state, int one, int other, Budget budget, int number, int depth)
    {
        var input = new LocalInput(LocalInputKind.PeerUp, other, (int)_cluster[state[other]].Self.Incarnation);
        var answer = new LocalInput(LocalInputKind.PeerUp, one, (int)_cluster[state[one]].Self.Incarnation);
        var up = budget.With(one, other, isUp: true).With(other, one, isUp: true);
        var (first, second) = (_cluster.Step(state[one], input), _cluster.Step(state[other], answer));
        _transitions++;
        if (IsDefect(first, number, input, one) || IsDefect(second, number, answer, other))
            return;
        Begin(state, -1);
        Send(first, one, up);
        Send(second, other, up);
        var changed = (int[])state.Clone();
        changed[other] = second.Next;
        Finish(changed, one, first.Next, up, number, input, depth);
    }

    private bool IsDefect(LocalStep step, int number, in LocalInput input, int node)
    {
        if (step.Defect is null)
            return false;
        _ways.Add((number, input, node));
        (_violation, _violationAt) = (step.Defect, _ways.Count - 1);
        return true;
    }

    private void Begin(int[] state, int without)
    {
        _scratch.Clear();
        for (var i = Header; i < state.Length; i++)
        {
            if (i != without)
                _scratch.Add(state[i]);
        }
    }

    private void Send(LocalStep step, int from, Budget budget)
    {
        foreach (var (to, frame) in step.Sent)
        {
            var packed = (((from * ExploredCluster.Nodes) + to) << PeerShift) | frame;
            if (_options.OrdersFrames && _cluster.IsAck(frame))
                _scratch.RemoveAll(waiting => waiting >> PeerShift == packed >> PeerShift && _cluster.IsAck(waiting & ((1 << PeerShift) - 1)));
            if (budget.IsUp(to, from) && !_cluster.IsLost(frame) && !_scratch.Contains(packed))
                _scratch.Add(packed);
        }
    }

    private void Finish(int[] state, int node, int next, Budget budget, int number, in LocalInput input, int depth)
    {
        if (_options.OrdersFrames)
            SortByLink();
        else
            _scratch.Sort();
        var result = new int[Header + _scratch.Count];
        Array.Copy(state, result, ExploredCluster.Nodes);
        result[node] = next;
        result[ExploredCluster.Nodes] = budget.Packed;
        _scratch.CopyTo(result, Header);
        Add(result, number, input, node, depth + 1);
    }

    /// <summary>Insertion sort by who sends to whom: those of one connection keep their order.</summary>
    private void SortByLink()
    {
        for (var i = 1; i < _scratch.Count; i++)
        {
            for (var j = i; j > 0 && _scratch[j - 1] >> PeerShift > _scratch[j] >> PeerShift; j--)
                (_scratch[j - 1], _scratch[j]) = (_scratch[j], _scratch[j - 1]);
        }
    }

    private void Add(int[] state, int parent, in LocalInput input, int node, int depth)
    {
        var digest = new StateDigest();
        digest.Add(System.Runtime.InteropServices.MemoryMarshal.AsBytes(state.AsSpan()));
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
            var what = input.Kind == LocalInputKind.Frame ? $" {(Flotilla.Groups.Core.Frames.FrameType)_cluster.Frame(input.Argument)[0]}" : $" {input.Argument}";
            steps.Add($"{ExploredCluster.Name(node)}: {input.Kind}{peer}{what}");
        }

        steps.Reverse();
        return steps;
    }

    private static (int From, int To, int Frame) Unpack(int packed)
        => ((packed >> PeerShift) / ExploredCluster.Nodes, (packed >> PeerShift) % ExploredCluster.Nodes, packed & ((1 << PeerShift) - 1));
}
