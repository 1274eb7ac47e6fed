using Flotilla.Primitives;

namespace Flotilla.Groups.Core.Tests.Log;

/// <summary>A few machines and a network in memory that delays, and when told so loses, doubles and reorders. One millisecond a round.</summary>
internal sealed class MemoryNet
{
    private readonly List<(long AtNs, ulong Tie, MemoryNode From, NodeId FromId, NodeId To, byte[] Frame)> _flying = [];
    private readonly HashSet<(string, string)> _cuts = [];
    private int _rounds;

    public MemoryNet(ulong seed, int nodes, Func<NodeOptions, NodeOptions>? change = null, int founders = -1)
    {
        Random = new SeededRandom(seed);
        if (founders < 0)
            founders = nodes;
        string[] addresses = [.. Enumerable.Range(0, founders).Select(i => $"host-{i}")];
        for (var i = 0; i < nodes; i++)
        {
            var options = new NodeOptions { Name = $"n{i}", Address = $"host-{i}", RandomSeed = 1, Founders = i < founders ? [.. addresses] : [] };
            Nodes.Add(new MemoryNode(this, $"n{i}", change?.Invoke(options) ?? options));
        }
    }

    public SeededRandom Random { get; }

    public long NowNs { get; private set; } = 1_000_000_000;

    public List<MemoryNode> Nodes { get; } = [];

    /// <summary>One frame in so many is lost, another doubled; 0 for none.</summary>
    public int LossOneIn { get; set; }

    /// <summary>What was sent, when somebody wants to know.</summary>
    public List<byte[]>? Sent { get; init; }

    public MemoryNode this[int index] => Nodes[index];

    public void StartAll()
    {
        foreach (var node in Nodes)
            node.Start();
    }

    public RecordingConsumer? ConsumerOf(NodeId id) => Nodes.Find(node => node.IsUp && node.Self.Node == id)?.Consumer;

    public void Kill(MemoryNode node)
    {
        var id = node.Self.Node;
        node.Kill();
        foreach (var other in Nodes)
            other.Disconnect(id, PeerLoss.ProcessGone);
    }

    /// <summary>No frames any more between two; neither notices at once.</summary>
    public void Cut(MemoryNode a, MemoryNode b)
    {
        _cuts.Add((a.Name, b.Name));
        _cuts.Add((b.Name, a.Name));
    }

    public void Heal() => _cuts.Clear();

    public void Run(int ms)
    {
        for (var i = 0; i < ms; i++)
            Round();
    }

    public void RunUntil(string what, Func<bool> holds, int ms = 20_000)
    {
        for (var i = 0; i < ms; i++)
        {
            if (holds())
                return;
            Round();
        }

        var events = string.Join('\n', Nodes.Select(node => $"{node.Name} self {node.Self} view {node.Machine?.View?.Epoch} member {node.Machine?.IsMember}\n  {string.Join("\n  ", node.Events.TakeLast(12))}"));
        Assert.Fail($"not in time: {what}\n{events}");
    }

    /// <summary>All of some nodes are members of the same view, which is theirs alone, and have the state.</summary>
    public bool AreTogether(params MemoryNode[] nodes)
    {
        var view = nodes[0].Machine?.View;
        return view is not null && view.Members.Length == nodes.Length && nodes.All(node => node.Machine is { IsMember: true } machine
            && machine.View!.Epoch == view.Epoch && node.Consumer.NeedsState is null && node.Consumer.View?.Epoch == view.Epoch);
    }

    /// <summary>... and all vote who may.</summary>
    public bool AllVote(params MemoryNode[] nodes)
        => AreTogether(nodes) && nodes[0].Machine!.View!.Members.All(member => member.Role == MemberRole.Voter);

    /// <summary>No two states contradict.</summary>
    public void CheckSameOrder()
    {
        var longest = Nodes.Where(node => node.IsUp && node.Consumer.NeedsState is null).OrderByDescending(node => node.Consumer.State.Count).FirstOrDefault();
        foreach (var node in Nodes.Where(node => node.IsUp && node.Machine!.IsMember && node.Consumer.NeedsState is null))
            Assert.Equal(longest!.Consumer.State.Take(node.Consumer.State.Count), node.Consumer.State);
    }

    private void Round()
    {
        NowNs += 1_000_000;
        _rounds++;
        BreakAll();
        ConnectAll();
        foreach (var node in Nodes)
        {
            if (_rounds % 5 == 0)
                node.Tick();
        }

        Collect();
        foreach (var item in _flying.Where(item => item.AtNs <= NowNs).OrderBy(item => item.AtNs).ThenBy(item => item.Tie).ToList())
        {
            _flying.Remove(item);
            Nodes.Find(node => node.Self.Node == item.To && node.IsUp)?.Take(item.FromId, item.Frame);
            Collect();
        }
    }

    private void BreakAll()
    {
        foreach (var node in Nodes)
        {
            foreach (var id in node.Breaking.ToArray())
            {
                node.Disconnect(id, PeerLoss.Broken);
                Nodes.Find(other => other.Self.Node == id)?.Disconnect(node.Self.Node, PeerLoss.Broken);
                _flying.RemoveAll(item => (item.FromId == node.Self.Node && item.To == id) || (item.FromId == id && item.To == node.Self.Node));
            }

            node.Breaking.Clear();
        }
    }

    private void ConnectAll()
    {
        foreach (var a in Nodes)
        {
            foreach (var b in Nodes)
            {
                var isRefused = a.Machine is { Cluster: { IsNone: false } ours } && b.Machine is { Cluster: { IsNone: false } theirs } && ours != theirs;
                if (a != b && !isRefused && a.IsUp && b.IsUp && a.Self.Incarnation > 0 && b.Self.Incarnation > 0 && !a.IsConnectedTo(b.Self.Node))
                    a.Connect(b);
            }
        }
    }

    private void Collect()
    {
        foreach (var node in Nodes)
        {
            foreach (var (to, frame) in node.TakeFrames())
            {
                Sent?.Add(frame);
                var target = Nodes.Find(other => other.Self.Node == to);
                if (target is null || _cuts.Contains((node.Name, target.Name)) || (LossOneIn > 0 && Random.OneIn(LossOneIn)))
                    continue;
                Fly(node, to, frame);
                if (LossOneIn > 0 && Random.OneIn(LossOneIn))
                    Fly(node, to, frame);
            }
        }
    }

    private void Fly(MemoryNode from, NodeId to, byte[] frame)
    {
        var delayNs = LossOneIn > 0 ? Random.Next(3_000_000) : 300_000;
        _flying.Add((NowNs + delayNs, LossOneIn > 0 ? Random.NextUInt64() : 0, from, from.Self.Node, to, frame));
    }
}
