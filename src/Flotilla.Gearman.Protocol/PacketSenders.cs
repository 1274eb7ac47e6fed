namespace Flotilla.Gearman.Protocol;

/// <summary>Who sends a packet type.</summary>
[Flags]
public enum PacketSenders : byte
{
    Nobody = 0,
    Client = 1,
    Worker = 2,
    Server = 4,
}
