using Flotilla.JobServer.Core;
using Flotilla.Primitives;

namespace Flotilla.Bench.Micro;

/// <summary>Takes what a machine says and forgets it.</summary>
internal sealed class Effects : IJobServerEffects
{
    private readonly ByteQueue[] _outputs = [new(), new()];

    /// <summary>What the machine wrote for a connection; consumed by whoever looks.</summary>
    public ByteQueue Output(ConnectionId connection) => _outputs[connection.Slot];

    public void Close(ConnectionId connection, CloseReason reason)
    {
    }

    public void Store(ulong sequence, in StoredRecord record)
    {
    }

    public void Report(in JobServerEvent happened)
    {
    }

    public void Clear()
    {
        foreach (var output in _outputs)
            output.Clear();
    }
}
