namespace Flotilla.Groups.Transport;

/// <summary>What the dialler of a connection is.</summary>
internal enum PeerRole : byte
{
    Node = 1,

    /// <summary>An external client: no member, speaks with this node only.</summary>
    Client = 2,
}
