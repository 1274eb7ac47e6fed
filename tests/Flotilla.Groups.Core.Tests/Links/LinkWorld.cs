using Flotilla.Primitives;

namespace Flotilla.Groups.Core.Tests.Links;

/// <summary>Link monitors of some nodes on a network whose directions can be cut one by one. Time is virtual, in milliseconds.</summary>
internal sealed class LinkWorld
{
    public const long Ms = 1_000_000;

    private readonly PriorityQueue<(int From, int To, byte[] Frame), (long AtMs, long Order)> _network = new();
    private readonly bool[,] _isCut;
    private readonly SeededRandom _random = new(7);
    private long _order;

    public LinkWorld(int nodes, int[]? weights = null, int maxVoters = 5)
    {
        _isCut = new bool[nodes, nodes];
        Nodes = [.. Enumerable.Range(0, nodes).Select(i => new LinkNode(this, i))];
        View = new ClusterView
        {
            Cluster = new ClusterId(1, 1),
            Epoch = 1,
            Members = [.. Enumerable.Range(0, nodes).Select(i => new ClusterMember(
                Nodes[i].Id, Name(i), Name(i), i < maxVoters || nodes <= 20 ? MemberRole.Voter : MemberRole.Learner, weights?[i] ?? 1))],
            Sequencer = Nodes[0].Id.Node,
            StartSequence = 1,
        };
        foreach (var a in Nodes)
        {
            foreach (var b in Nodes)
            {
                if (a != b)
                    a.PeerUp(b);
            }
        }

        foreach (var node in Nodes)
            node.Links.OnView(View);
        Run(300);
    }

    public LinkNode[] Nodes { get; }

    public ClusterView View { get; }

    public long NowMs { get; private set; } = 1000;

    public int LossPercent { get; set; }

    public int DelayMs { get; set; } = 1;

    public long Frames { get; private set; }

    public Action<LinkWorld>? EachMs { get; set; }

    public static string Name(int node) => ((char)('a' + node)).ToString();

    /// <summary>Frames of one direction vanish from now on; the connection stays.</summary>
    public void CutOneWay(int from, int to, bool isCut = true) => _isCut[from, to] = isCut;

    public void Cut(int a, int b, bool isCut = true)
    {
        CutOneWay(a, b, isCut);
        CutOneWay(b, a, isCut);
    }

    /// <summary>Leaves only the links between nodes of the same part.</summary>
    public void Split(params int[][] parts)
    {
        for (var a = 0; a < Nodes.Length; a++)
        {
            for (var b = 0; b < a; b++)
                Cut(a, b, !parts.Any(part => part.Contains(a) && part.Contains(b)));
        }
    }

    /// <summary>The process ends; with <paramref name="isSeen"/> by a reset that the given node sees, and a refused connection after it.</summary>
    public void Kill(int node, int? isSeen = null)
    {
        Nodes[node].IsRunning = false;
        if (isSeen is { } by)
            Nodes[by].PeerDown(Nodes[node], PeerLoss.ProcessGone);
    }

    public void Run(long forMs, Func<bool>? until = null)
    {
        for (var endMs = NowMs + forMs; NowMs < endMs && until?.Invoke() != true; NowMs++)
        {
            while (_network.TryPeek(out var frame, out var due) && due.AtMs <= NowMs)
            {
                _network.Dequeue();
                Nodes[frame.To].Take(Nodes[frame.From], frame.Frame);
            }

            EachMs?.Invoke(this);
            foreach (var node in Nodes)
            {
                if ((NowMs + node.Index) % 10 == 0)
                    node.Tick();
            }
        }
    }

    public void Send(int from, int to, byte[] frame)
    {
        Frames++;
        if (_isCut[from, to] || (LossPercent > 0 && _random.Next(100) < LossPercent))
            return;
        _network.Enqueue((from, to, frame), (NowMs + DelayMs, _order++));
    }

    /// <summary>Nobody may be accused by anybody in the time given.</summary>
    public void NobodyIsAccused(long forMs)
    {
        Run(forMs, () => Nodes.Any(node => node.Links.Verdict is not null));
        foreach (var node in Nodes)
            Assert.True(node.Links.Verdict is null, $"{Name(node.Index)} accuses: {node.Links.Verdict?.Why}");
    }

    public void NobodyAccusesAtNode(int node, long forMs)
    {
        Run(forMs, () => Nodes[node].Links.Verdict is not null);
        Assert.Null(Nodes[node].Links.Verdict);
    }

    /// <summary>These nodes say the same: these go.</summary>
    public void AllSay(int[] who, int[] go, long withinMs)
    {
        bool IsSaid() => who.All(i => Nodes[i].Links.Verdict is { } verdict && verdict.Go.SequenceEqual(go.Select(g => View.Members[g].Id)));
        Run(withinMs, IsSaid);
        Assert.True(IsSaid(), string.Join("\n", who.Select(i => $"{Name(i)}: {Nodes[i].Links.Verdict?.Why ?? "nothing"}")));
        foreach (var i in who)
            Assert.Equal(View.Members.Length, Nodes[i].Links.Verdict!.Stay.Length + go.Length);
    }

    /// <summary>A frame handed to the hop its sender chooses arrives, if need be through a relay.</summary>
    public bool Arrives(int from, int to)
    {
        var before = Nodes[to].Received.Count;
        Nodes[from].SendTo(Nodes[to]);
        Run((2 * DelayMs) + 2);
        return Nodes[to].Received.Count > before;
    }
}
