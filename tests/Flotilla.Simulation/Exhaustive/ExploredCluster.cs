using Flotilla.Groups.Core;
using Flotilla.Groups.Core.Frames;
using Flotilla.Primitives;

namespace Flotilla.Simulation.Exhaustive;

/// <summary>
/// The states that single nodes can be in. The core is deterministic: a node's state is what its inputs made of it. So each input is tried once in each state of a
/// node, however many states of the cluster contain it; to try it, the inputs that lead there are repeated.
/// </summary>
internal sealed class ExploredCluster
{
    public const int Nodes = 3;

    /// <summary>Between ticks while the cluster is explored: nothing is repeated in it, nobody is suspected for silence.</summary>
    public const long TickNs = 1_000_000;

    private const long HeartbeatNs = 1_000_000_000;

    private readonly List<LocalState> _states = [];
    private readonly Dictionary<UInt128, int> _numbers = [];
    private readonly Dictionary<UInt128, LocalStep> _steps = [];
    private readonly Dictionary<UInt128, int> _seen = [];
    private readonly Dictionary<UInt128, int> _frameNumbers = [];
    private readonly List<byte[]> _frames = [];
    private ExploredNode? _live;
    private int _liveState = -1;

    public ExploredCluster(ExploreOptions options) => Options = options;

    public ExploreOptions Options { get; }

    public NodeId[] NodeIds { get; } = new NodeId[Nodes];

    public int StateCount => _states.Count;

    public LocalState this[int state] => _states[state];

    public ReadOnlySpan<byte> Frame(int number) => _frames[number];

    public int Number(ReadOnlySpan<byte> frame)
    {
        var digest = new StateDigest();
        digest.Add(frame);
        if (!_frameNumbers.TryGetValue(digest.Value, out var number))
        {
            number = _frames.Count;
            _frames.Add(frame.ToArray());
            _frameNumbers.Add(digest.Value, number);
        }

        return number;
    }

    /// <summary>What is not carried: heartbeats, relayed ones too, and the layer's own frames.</summary>
    public bool IsLost(int frame) => _frames[frame][0] is (byte)FrameType.Heartbeat or (byte)FrameType.Relay or (byte)FrameType.Direct;

    public PeerHello Hello(int node, uint incarnation) => new()
    {
        Id = new MemberId(NodeIds[node], incarnation), Name = Name(node), Address = Name(node), WireVersion = FrameLimits.WireVersion,
    };

    public NodeOptions OptionsOf(int node, ulong starts) => new()
    {
        Name = Name(node),
        Address = Name(node),
        Founders = [.. Enumerable.Range(0, Nodes).Select(Name)],
        RandomSeed = 1 + (ulong)node + (10 * starts),
        TickNs = TickNs,
        HeartbeatNs = HeartbeatNs,
        SuspectNs = 100 * HeartbeatNs,
        LeaseNs = 3_000 * HeartbeatNs,
    };

    /// <summary>A node before anything.</summary>
    public int Unborn(int node) => Intern(new ExploredNode(this, node), node, -1, default);

    public LocalStep Step(int state, in LocalInput input)
    {
        var key = input.KeyFor(state);
        if (_steps.TryGetValue(key, out var known))
            return known;
        var node = _liveState == state ? _live! : Repeat(state);
        LocalStep step;
        try
        {
            node.Apply(input);
            var next = Intern(node, _states[state].Node, state, input);
            step = new LocalStep(next, [.. node.Sent], null);
            (_live, _liveState) = (node, next);
        }
        catch (InvariantViolationException problem)
        {
            step = new LocalStep(state, [], "Defect: " + problem.Message);
            (_live, _liveState) = (null, -1);
        }

        _steps.Add(key, step);
        return step;
    }

    public static string Name(int node) => ((char)('a' + node)).ToString();

    /// <summary>The inputs again, from the beginning.</summary>
    private ExploredNode Repeat(int state)
    {
        var inputs = new Stack<LocalInput>();
        var at = _states[state];
        for (; at.Parent >= 0; at = _states[at.Parent])
            inputs.Push(at.Input);
        var node = new ExploredNode(this, at.Node);
        foreach (var input in inputs)
            node.Apply(input);
        return node;
    }

    private int Intern(ExploredNode node, int index, int parent, in LocalInput input)
    {
        var digest = node.Digest() ^ ((UInt128)(uint)index << 64);
        if (_numbers.TryGetValue(digest, out var number))
            return number;
        number = _states.Count;
        _numbers.Add(digest, number);
        var lives = StateDigest.Of(node.Lives);
        if (!_seen.TryGetValue(lives, out var seen))
            _seen.Add(lives, seen = _seen.Count);
        _states.Add(new LocalState(number, index, parent, input)
        {
            IsRunning = node.IsRunning, Unwritten = node.IsRunning ? node.Unwritten : 0, Self = node.Self, Lives = node.Lives, Seen = seen,
        });
        return number;
    }
}
