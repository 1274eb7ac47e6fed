namespace Flotilla.Gearman.Protocol;

/// <summary>Which way a packet travels: <c>\0REQ</c> to a job server, <c>\0RES</c> from one.</summary>
public enum PacketMagic : uint
{
    Request = 0x00524551,
    Response = 0x00524553,
}
