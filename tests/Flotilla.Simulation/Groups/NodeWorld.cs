using Flotilla.Groups.Core;
using Flotilla.Primitives;

namespace Flotilla.Simulation.Groups;

/// <summary>Hosts with a node each and the network between them: what the simulated worlds of groups and of clusters share.</summary>
public abstract partial class NodeWorld
{
    private readonly SortedDictionary<string, long> _fired = new(StringComparer.Ordinal);

    private protected NodeWorld(NodeParameters parameters, Func<NodeWorld, SimNode, SeededRandom, INodeApplication> application)
    {
        Parameters = parameters;
        Random = Source(1);
        Queue = new EventQueue(Source(2));
        Network = new SimulatedNetwork(parameters.Nodes, Queue, Source(3), parameters.IsStream);
        Nodes = new SimNode[parameters.Nodes];
        for (var i = 0; i < Nodes.Length; i++)
            Nodes[i] = new SimNode(this, i, Source(100 + (ulong)i), application);
        for (var i = 0; i < Nodes.Length * Nodes.Length; i++)
            DrawLink(Network.Link(i / Nodes.Length, i % Nodes.Length));
    }

    /// <summary>Traces what nodes report, too.</summary>
    internal static bool TellsAll { get; private set; }

    internal NodeParameters Parameters { get; }

    internal EventQueue Queue { get; }

    internal SimulatedNetwork Network { get; }

    internal bool IsOver { get; private protected set; }

    internal SeededRandom Random { get; }

    private protected SimNode[] Nodes { get; }

    /// <summary>The newest view that was installed anywhere.</summary>
    private protected ClusterView? Newest { get; private set; }

    private protected long LastChangeNs { get; private set; }

    /// <summary>How often everything happened.</summary>
    private protected SortedDictionary<string, long> Fired => _fired;

    public static void TellEverything() => TellsAll = true;

    internal SimNode Node(int index) => Nodes[index];

    internal void Count(string what) => _fired[what] = _fired.GetValueOrDefault(what) + 1;

    /// <summary>A node told something.</summary>
    internal virtual void Told(SimNode node, in NodeEvent happened)
    {
    }

    /// <summary>Something happened that a checker wants to know.</summary>
    internal virtual void Note(in TraceEvent happened)
    {
    }

    /// <summary>Folds what a node did into the hash that two runs of a seed must share.</summary>
    internal virtual void Effect(ulong what)
    {
    }

    internal virtual void Effect(ReadOnlySpan<byte> bytes)
    {
    }

    /// <summary>A node, or what runs on it, threw.</summary>
    internal abstract void Defect(SimNode node, Exception thrown);

    /// <summary>A view was installed somewhere.</summary>
    internal virtual void Installed(ClusterView view)
    {
        if (Newest is not null && view.Epoch <= Newest.Epoch)
            return;
        LastChangeNs = Queue.NowNs;
        Newest = view;
    }

    /// <summary>A batch of steps is over.</summary>
    internal virtual void SettleClients()
    {
    }

    internal virtual ByteQueue? ClientOutput(uint client) => null;

    /// <summary>Half of the votes is all a node can have.</summary>
    internal virtual void TieBreakNeeded(SimNode node, TieBreak tie)
    {
    }

    private protected static ulong Scramble(ulong seed, ulong part) => SimMessage.Mix(seed + 1) ^ SimMessage.Mix(part * 0x9E3779B97F4A7C15);

    private protected SeededRandom Source(ulong part) => new(Scramble(Parameters.Seed, part) | 1);

    private protected void MendLater(long afterNs, Action mend) => Queue.After(afterNs, new WorldEvent(WorldEventKind.Mend, -1, Payload: mend));

    /// <summary>What is due in every world.</summary>
    private protected void DoCommon(in WorldEvent due)
    {
        switch (due.Kind)
        {
            case WorldEventKind.Dial:
                Dial();
                Queue.After(20_000_000 + Random.Next(100_000_000), due);
                break;
            case WorldEventKind.Start:
                Nodes[due.Node].Start();
                break;
            case WorldEventKind.Resume:
                Nodes[due.Node].Resume();
                break;
            case WorldEventKind.PathTimeout:
                PathTimedOut(due);
                break;
            case WorldEventKind.Mend:
                ((Action)due.Payload!)();
                break;
            default:
                Nodes[due.Node].Take(due);
                break;
        }
    }

    private void DrawLink(LinkState link)
    {
        link.MinDelayNs = Parameters.MinDelayNs;
        link.MeanDelayNs = Parameters.MeanDelayNs;
        link.LossPpm = Parameters.LossPpm;
        link.DuplicatePpm = Parameters.DuplicatePpm;
        link.ReorderPpm = Parameters.ReorderPpm;
    }
}
