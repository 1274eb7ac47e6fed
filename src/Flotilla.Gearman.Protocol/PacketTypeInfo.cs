namespace Flotilla.Gearman.Protocol;

/// <summary>What the protocol says about one packet type.</summary>
/// <param name="Type">The type.</param>
/// <param name="Name">The protocol's name for it, for logs and messages.</param>
/// <param name="ArgumentCount">All arguments, the last one included, which takes the rest of the body.</param>
/// <param name="Senders">Who sends it.</param>
public readonly record struct PacketTypeInfo(PacketType Type, string Name, int ArgumentCount, PacketSenders Senders)
{
    /// <summary>
    /// Whether a job server acts on it. The others are answered with <c>ERROR INVALID_COMMAND</c> and the connection goes on,
    /// as gearmand does; among them ALL_YOURS, which no server ever implemented.
    /// </summary>
    public bool ServerAccepts
        => (Senders & (PacketSenders.Client | PacketSenders.Worker)) != PacketSenders.Nobody && Type != PacketType.AllYours;
}
