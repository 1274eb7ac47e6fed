namespace Flotilla.Groups.Transport;

/// <summary>Why a connection was not taken. The numbers are on the wire.</summary>
internal enum RefusalCode : byte
{
    None = 0,

    /// <summary>What came is no handshake.</summary>
    Protocol = 1,

    /// <summary>The peer speaks a newer wire format.</summary>
    Version = 2,

    /// <summary>The peer belongs to another cluster.</summary>
    Cluster = 3,

    /// <summary>Another secret, or none.</summary>
    Secret = 4,

    /// <summary>There is another connection between the two already: nothing is wrong.</summary>
    Duplicate = 5,

    /// <summary>The peer has this node's own identity.</summary>
    Identity = 6,

    /// <summary>Too many clients.</summary>
    Full = 7,
}
