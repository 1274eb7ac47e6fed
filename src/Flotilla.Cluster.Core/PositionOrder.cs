namespace Flotilla.Cluster.Core;

/// <summary>How one position stands to another.</summary>
public enum PositionOrder
{
    Equal,

    /// <summary>Has less, and nothing more.</summary>
    Before,

    /// <summary>Has more, and nothing less.</summary>
    After,

    /// <summary>Each has something that the other has not.</summary>
    Diverged,
}
