namespace Flotilla.Groups.Core.Links;

/// <summary>The instants of the link layer, from the three a user sets.</summary>
internal sealed class LinkTiming(NodeOptions options)
{
    /// <summary>Further in the past than anything.</summary>
    public const long Never = long.MinValue / 4;

    public long HeartbeatNs { get; } = options.HeartbeatNs;

    public long SuspectNs { get; } = options.SuspectNs;

    /// <summary>A direct path over which nothing was heard for so long is left for a relay: four beats, for one may be lost and another late.</summary>
    public long PathNs { get; } = Math.Min(4 * options.HeartbeatNs, options.SuspectNs / 2);

    /// <summary>A member must be out of the picture for so long without a break before it is accused.</summary>
    public long StableNs { get; } = 2 * options.HeartbeatNs;

    /// <summary>A member silent for so long may soon be accused: others wait for it, so that one view change takes all.</summary>
    public long TwilightNs { get; } = options.SuspectNs / 2;

    /// <summary>A gap between ticks that says that this node was paused.</summary>
    public long PauseNs { get; } = Math.Max(options.SuspectNs / 3, 3 * options.TickNs);

    /// <summary>Nodes outside the view are forgotten after such a silence.</summary>
    public long ForgetNs { get; } = 16 * options.SuspectNs;

    /// <summary>How long a path must be good before it is used again, by how often it failed lately.</summary>
    public long HoldNs(int flaps) => flaps == 0 ? 0 : HeartbeatNs << flaps;
}
