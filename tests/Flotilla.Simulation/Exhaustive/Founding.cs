using Flotilla.Primitives;

namespace Flotilla.Simulation.Exhaustive;

/// <summary>Brings three nodes from empty disks to one view with all of them as voters, and into the group, in one order of things.</summary>
internal sealed class Founding(ExploredCluster cluster)
{
    /// <summary>A heartbeat.</summary>
    public const int TickMs = 1_000;

    private const int RoundsMax = 2_000;

    private readonly int[] _states = new int[ExploredCluster.Nodes];
    private readonly Queue<(int From, int To, int Frame)> _frames = new();

    /// <summary>The states of the nodes when all is quiet.</summary>
    public int[] Run()
    {
        for (var node = 0; node < ExploredCluster.Nodes; node++)
        {
            _states[node] = cluster.Unborn(node);
            Do(node, new LocalInput(LocalInputKind.Start));
            cluster.NodeIds[node] = cluster[_states[node]].Self.Node;
        }

        for (var node = 0; node < ExploredCluster.Nodes; node++)
            Do(node, new LocalInput(LocalInputKind.Persisted));
        for (var node = 0; node < ExploredCluster.Nodes; node++)
        {
            for (var peer = 0; peer < ExploredCluster.Nodes; peer++)
            {
                if (peer != node)
                    Do(node, new LocalInput(LocalInputKind.PeerUp, peer, 1));
            }
        }

        RunUntil(() => _states.All(state => cluster[state].Lives[^1].View is not null));
        for (var node = 0; node < ExploredCluster.Nodes; node++)
            Do(node, new LocalInput(LocalInputKind.Join));
        for (var round = 0; round < 3; round++)
            Round();
        return _states;
    }

    private void RunUntil(Func<bool> isDone)
    {
        for (var round = 0; !isDone(); round++)
        {
            Invariant.Require(round < RoundsMax);
            Round();
        }
    }

    /// <summary>One after the other, so that in the end all have heard of the last instant, and nothing changes while time stands still.</summary>
    private void Round()
    {
        for (var node = 0; node < ExploredCluster.Nodes; node++)
        {
            Do(node, new LocalInput(LocalInputKind.Tick, Argument: TickMs));
            Settle();
        }
    }

    private void Settle()
    {
        for (var isQuiet = false; !isQuiet;)
        {
            isQuiet = true;
            while (_frames.TryDequeue(out var frame))
                Do(frame.To, new LocalInput(LocalInputKind.Frame, frame.From, frame.Frame));
            for (var node = 0; node < ExploredCluster.Nodes; node++)
            {
                if (cluster[_states[node]].Unwritten == 0)
                    continue;
                Do(node, new LocalInput(LocalInputKind.Persisted));
                isQuiet = false;
            }
        }
    }

    private void Do(int node, in LocalInput input)
    {
        var step = cluster.Step(_states[node], input);
        if (step.Defect is not null)
            throw new InvariantViolationException($"{ExploredCluster.Name(node)} at {input}: {step.Defect}");
        _states[node] = step.Next;
        foreach (var (to, frame) in step.Sent)
            _frames.Enqueue((node, to, frame));
    }
}
