namespace Flotilla.Cluster.Core;

/// <summary>How a server is.</summary>
public enum ServerStatus
{
    /// <summary>Its node has not said.</summary>
    Unknown,

    /// <summary>Its process does not run.</summary>
    Down,

    /// <summary>Its process runs and has not answered yet.</summary>
    Starting,

    /// <summary>It answers.</summary>
    Up,

    /// <summary>It answered once and does not any more.</summary>
    Hung,
}
