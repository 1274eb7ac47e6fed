namespace Flotilla.Cluster.Core;

/// <summary>How gladly a server is made primary, among those that have equally much.</summary>
public enum ServerPriority
{
    Prefer,
    Normal,
    Avoid,

    /// <summary>Never primary; it still acknowledges, and others fetch from it what only it has.</summary>
    Never,
}
