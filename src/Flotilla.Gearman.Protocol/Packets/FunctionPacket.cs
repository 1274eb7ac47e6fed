using Flotilla.Primitives;

namespace Flotilla.Gearman.Protocol;

/// <summary>
/// CAN_DO (1) and CANT_DO (2), worker to server: the worker takes, or no longer takes, jobs of a function. Not answered.
/// <code>function</code>
/// Source: PROTOCOL, "Worker Requests".
/// </summary>
public readonly ref struct FunctionPacket
{
    /// <summary>The function, as its workers registered it.</summary>
    public ReadOnlySpan<byte> Function { get; private init; }

    public static bool TryParse(ReadOnlySpan<byte> body, out FunctionPacket packet, out ProtocolError error)
    {
        packet = new FunctionPacket { Function = body };
        error = default;
        return true;
    }

    public static void Write(ByteQueue output, PacketType type, ReadOnlySpan<byte> function)
    {
        Invariant.Require(type is PacketType.CanDo or PacketType.CantDo);
        PacketWriter.Write(output, PacketMagic.Request, type, function);
    }
}
