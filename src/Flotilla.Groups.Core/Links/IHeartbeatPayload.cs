using System.Buffers;

namespace Flotilla.Groups.Core.Links;

/// <summary>The log's part of a heartbeat: clocks for the lease, commit points, epoch. Written and read with every one, relayed ones too.</summary>
internal interface IHeartbeatPayload
{
    void WriteHeartbeat(NodeId to, IBufferWriter<byte> writer);

    void ReadHeartbeat(NodeId from, ReadOnlySpan<byte> payload);
}
