using Flotilla.Primitives;

namespace Flotilla.JobServer.Core.Tests;

/// <summary>Keeps everything the machine asked for.</summary>
internal sealed class RecordedEffects : IJobServerEffects
{
    private readonly Dictionary<int, ByteQueue> _outputs = [];

    public List<(int Slot, CloseReason Reason)> Closed { get; } = [];

    public List<StoredCopy> Stored { get; } = [];

    public ulong LastSequence { get; private set; }

    public List<(JobServerEventKind Kind, ulong Job, string? Detail)> Events { get; } = [];

    public ByteQueue Output(ConnectionId connection)
    {
        if (!_outputs.TryGetValue(connection.Slot, out var output))
            _outputs[connection.Slot] = output = new ByteQueue();
        return output;
    }

    public void Close(ConnectionId connection, CloseReason reason) => Closed.Add((connection.Slot, reason));

    public void Store(ulong sequence, in StoredRecord record)
    {
        Assert.Equal(LastSequence + 1, sequence);
        LastSequence = sequence;
        Stored.Add(new StoredCopy(record));
    }

    public void Report(in JobServerEvent happened) => Events.Add((happened.Kind, happened.Job.Value, happened.Detail));
}
