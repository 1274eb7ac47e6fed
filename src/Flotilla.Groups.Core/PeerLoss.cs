namespace Flotilla.Groups.Core;

/// <summary>Why there is no connection to a peer any more.</summary>
public enum PeerLoss : byte
{
    /// <summary>It closed in good order: it said goodbye.</summary>
    Closed = 1,

    /// <summary>Reset, timed out, broken: the link or the node.</summary>
    Broken = 2,

    /// <summary>Reset, and then its host refused a connection to its port: that process is gone.</summary>
    ProcessGone = 3,
}
