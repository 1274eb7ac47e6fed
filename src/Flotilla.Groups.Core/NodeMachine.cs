namespace Flotilla.Groups.Core;

/// <summary>
/// One node of a cluster, without sockets, clock, disk and threads: the same inputs give the same effects. Driven by one caller at a time.
/// See docs/design/groups.md.
/// </summary>
public sealed class NodeMachine
{
    private readonly NodeContext _context;

    public NodeMachine(NodeOptions options)
    {
        var wrong = options.Validate();
        if (wrong.Count > 0)
            throw new ArgumentException(string.Join("; ", wrong), nameof(options));
        _context = new NodeContext(options);
    }

    /// <summary>This life of the node; known from its start on, and another after an eviction.</summary>
    public MemberId Self => _context.Self;

    /// <summary>The cluster it belongs to; none before its first view.</summary>
    public ClusterId Cluster { get; }

    /// <summary>Ends a batch of steps: frames that gather entries and acknowledgements leave.</summary>
    public void Flush(long nowNs, INodeEffects effects)
    {
        _context.NowNs = nowNs;
        _context.Effects = effects;
    }

    /// <summary>Takes one input.</summary>
    public void Step(in NodeInput input, INodeEffects effects)
    {
        _context.NowNs = input.NowNs;
        _context.Effects = effects;
    }
}
