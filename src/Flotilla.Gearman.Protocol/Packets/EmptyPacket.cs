using Flotilla.Primitives;

namespace Flotilla.Gearman.Protocol;

/// <summary>
/// RESET_ABILITIES (3), PRE_SLEEP (4), GRAB_JOB (9), ALL_YOURS (24), GRAB_JOB_UNIQ (30) and GRAB_JOB_ALL (39), worker to server;
/// NOOP (6) and NO_JOB (10), server to worker.
/// <code>(nothing)</code>
/// A body that comes nevertheless is passed over, as gearmand does. Source: PROTOCOL, "Worker Requests", "Worker Responses".
/// </summary>
public static class EmptyPacket
{
    /// <summary>Whether packets of this type have no arguments.</summary>
    public static bool IsOfThisForm(PacketType type) => PacketTypes.IsKnown(type) && PacketTypes.Info(type).ArgumentCount == 0;

    public static void Write(ByteQueue output, PacketType type)
    {
        Invariant.Require(IsOfThisForm(type));
        var fromServer = type is PacketType.Noop or PacketType.NoJob;
        PacketWriter.Write(output, fromServer ? PacketMagic.Response : PacketMagic.Request, type);
    }
}
