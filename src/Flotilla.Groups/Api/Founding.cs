namespace Flotilla.Groups;

/// <summary>Whether a node with an empty data directory may found a cluster.</summary>
public enum Founding
{
    /// <summary>Together with all seeds: when every one is there and as fresh as this one.</summary>
    WithSeeds = 0,

    /// <summary>By itself; others join it. Never give it to two nodes of one cluster.</summary>
    Alone,

    /// <summary>Never: it joins one that is there.</summary>
    Never,
}
