namespace Flotilla.Cluster.Topology;

/// <summary>How a server is, as far as it is known here.</summary>
public enum TopologyStatus
{
    /// <summary>Its node has not said.</summary>
    Unknown,

    /// <summary>Its process does not run.</summary>
    Down,

    /// <summary>It does not answer yet.</summary>
    Starting,

    /// <summary>It answers.</summary>
    Up,

    /// <summary>It answered once and does not any more.</summary>
    Hung,

    /// <summary>It announced that it is about to end.</summary>
    Stopping,

    /// <summary>It announced that it answers, but is not to be used.</summary>
    Standby,

    /// <summary>Nothing was heard of it for longer than its ttl: what is said of it is old.</summary>
    Stale,
}
