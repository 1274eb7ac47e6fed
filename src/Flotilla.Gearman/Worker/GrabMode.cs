using Flotilla.Gearman.Protocol;

namespace Flotilla.Gearman.Worker;

/// <summary>The packet that asks for a job. Newer ones tell more; older servers don't know them.</summary>
internal enum GrabMode : uint
{
    All = PacketType.GrabJobAll,
    Unique = PacketType.GrabJobUniq,
    Plain = PacketType.GrabJob,
}
