namespace Flotilla.Groups.Core;

/// <summary>What a node says about itself when a connection to it opens; the runtime has checked secret, version and cluster.</summary>
public sealed record PeerHello
{
    public required MemberId Id { get; init; }

    public required string Name { get; init; }

    public required string Address { get; init; }

    /// <summary><c>default</c> while it belongs to none yet.</summary>
    public ClusterId Cluster { get; init; }

    /// <summary>Version of the frames it speaks.</summary>
    public int WireVersion { get; init; }
}
