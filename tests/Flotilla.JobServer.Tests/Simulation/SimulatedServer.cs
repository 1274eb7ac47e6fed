using Flotilla.Gearman.Protocol;
using Flotilla.JobServer.Core;
using Flotilla.JobServer.Stores;
using Flotilla.JobServer.Tests.Stores;
using Flotilla.Primitives;
using Flotilla.Simulation;

namespace Flotilla.JobServer.Tests.Simulation;

/// <summary>
/// One life of a job server in a simulated world: the machine, the file store on the world's disk, and what stands between them in the
/// real server (group commit, timers), all driven by the world's scheduler.
/// </summary>
internal sealed class SimulatedServer : IJobServerEffects, IJobStoreReplay
{
    private const int StoreLatencyMsMax = 5;

    private readonly World _world;
    private readonly SeededRandom _random;
    private readonly JobMachine _machine = new(new JobMachineOptions { IsDurable = true });
    private readonly Dictionary<int, ByteQueue> _outputs = [];
    private readonly Dictionary<int, Action<PacketType, byte[]>> _peers = [];
    private readonly Dictionary<int, Queue<byte[]>> _arriving = [];
    private readonly Queue<int> _touched = new();
    private readonly List<ulong> _removalsInBatch = [];
    private JobStoreBatch _filling = new();
    private JobStoreBatch _committing = new();
    private bool _isCommitting;
    private int _nextSlot;
    private ulong _highestAlive;

    public SimulatedServer(World world, SimulatedDisk disk)
    {
        _world = world;
        _random = world.Source($"server {disk.Lives}");
        Store = new FileJobStore(
            new FileJobStoreOptions { Folder = "/simulated", SegmentBytes = 8_192 },
            new SimulatedStoreFiles(disk),
            world.Source($"salts {disk.Lives} {disk.Operations}"));
    }

    public FileJobStore Store { get; }

    /// <summary>Jobs whose removal is durable.</summary>
    public HashSet<ulong> Gone { get; } = [];

    public long Jobs => _machine.Snapshot().Jobs;

    public async Task OpenAsync()
    {
        await Store.OpenAsync(this, CancellationToken.None);
        if (Store.HighestId.Value > _highestAlive)
            Step(JobServerInput.Replayed(_world.Clock.NowMs, new StoredRecord { Kind = StoredRecordKind.JobRemoved, Id = Store.HighestId }));
    }

    /// <summary>Does the next thing that is due in the world or the machine; false when there is none.</summary>
    public bool RunNext()
    {
        if (_machine.NextDeadlineMs != long.MaxValue && _machine.NextDeadlineMs <= _world.Scheduler.NextMs)
        {
            _world.Clock.AdvanceTo(Math.Max(_world.Clock.NowMs, _machine.NextDeadlineMs));
            Step(JobServerInput.Tick(_world.Clock.NowMs));
            return true;
        }

        return _world.Scheduler.RunNext();
    }

    /// <summary>Opens a connection; packets for it are handed to <paramref name="receive"/> in order, one at a time.</summary>
    public int Connect(Action<PacketType, byte[]> receive)
    {
        var slot = _nextSlot++;
        _peers[slot] = receive;
        _outputs[slot] = new ByteQueue();
        Step(JobServerInput.Connected(_world.Clock.NowMs, new ConnectionId(slot), new ConnectionInfo("127.0.0.1", slot)));
        return slot;
    }

    public void Disconnect(int slot)
    {
        _peers.Remove(slot);
        Step(JobServerInput.Disconnected(_world.Clock.NowMs, new ConnectionId(slot)));
    }

    public void Send(int slot, PacketType type, params byte[][] arguments)
    {
        var packet = new ByteQueue();
        PacketWriter.Write(packet, PacketMagic.Request, type, arguments);
        Step(JobServerInput.Packet(_world.Clock.NowMs, new ConnectionId(slot), PacketMagic.Request, type, packet.ToArray().AsSpan(PacketHeader.SizeBytes)));
    }

    public void SendLine(int slot, string line)
        => Step(JobServerInput.Line(_world.Clock.NowMs, new ConnectionId(slot), System.Text.Encoding.ASCII.GetBytes(line)));

    public ByteQueue Output(ConnectionId connection)
    {
        _touched.Enqueue(connection.Slot);
        return _outputs[connection.Slot];
    }

    public void Close(ConnectionId connection, CloseReason reason) => Assert.Fail($"connection {connection.Slot} was closed: {reason}");

    void IJobServerEffects.Store(ulong sequence, in StoredRecord record) => _filling.Add(sequence, record);

    public void Report(in JobServerEvent happened) => _world.Note((ulong)happened.Kind);

    public void OnRecord(in StoredRecord record)
    {
        _highestAlive = Math.Max(_highestAlive, record.Id.Value);
        Step(JobServerInput.Replayed(_world.Clock.NowMs, record));
    }

    public void OnProgress(long doneBytes, long totalBytes)
    {
    }

    private void Step(JobServerInput input)
    {
        _machine.Step(input, this);
        BeginCommit();
        Deliver();
    }

    /// <summary>A batch is committed some milliseconds after it began to fill; one at a time.</summary>
    private void BeginCommit()
    {
        if (_isCommitting || _filling.IsEmpty)
            return;
        _isCommitting = true;
        _world.Scheduler.After(_random.Next(StoreLatencyMsMax), Commit);
    }

    private void Commit()
    {
        (_filling, _committing) = (_committing, _filling);
        string? problem = null;
        var last = _committing.LastSequence;
        try
        {
            CommitNow();
        }
        catch (JobStoreException refused)
        {
            problem = refused.Message;
            TryCommitEndings();
        }

        _committing.Clear();
        _world.Scheduler.After(_random.Next(2), () => Answer(last, problem));
    }

    private void CommitNow()
    {
        _removalsInBatch.Clear();
        foreach (var record in _committing)
        {
            if (record.Kind == StoredRecordKind.JobRemoved)
                _removalsInBatch.Add(record.Id.Value);
        }

        var commit = Store.CommitAsync(_committing, CancellationToken.None);
        Assert.True(commit.IsCompleted);
        commit.GetAwaiter().GetResult();
        Gone.UnionWith(_removalsInBatch);
    }

    private void TryCommitEndings()
    {
        _committing.KeepEndings();
        try
        {
            CommitNow();
        }
        catch (JobStoreException)
        {
            // The machine tells these again later.
        }
    }

    private void Answer(ulong sequence, string? problem)
    {
        _isCommitting = false;
        Step(problem is null
            ? JobServerInput.StoreCommitted(_world.Clock.NowMs, sequence)
            : JobServerInput.StoreFailed(_world.Clock.NowMs, sequence, problem));
    }

    /// <summary>What was written to a connection reaches its peer a little later.</summary>
    private void Deliver()
    {
        while (_touched.TryDequeue(out var slot))
        {
            var output = _outputs[slot];
            if (output.IsEmpty)
                continue;
            var bytes = output.ToArray();
            output.Clear();
            if (!_arriving.TryGetValue(slot, out var queue))
                _arriving[slot] = queue = new Queue<byte[]>();
            queue.Enqueue(bytes);
            _world.Scheduler.After(0, () => Receive(slot));
        }
    }

    /// <summary>Chance decides when, never in which order, the bytes of a connection arrive.</summary>
    private void Receive(int slot)
    {
        var bytes = _arriving[slot].Dequeue();
        if (_peers.TryGetValue(slot, out var peer))
            Parse(bytes, peer);
    }

    private static void Parse(byte[] bytes, Action<PacketType, byte[]> peer)
    {
        for (var at = 0; at < bytes.Length;)
        {
            if (bytes[at] != 0)
                return;
            Assert.True(PacketHeader.TryRead(bytes.AsSpan(at), out var header));
            at += PacketHeader.SizeBytes;
            peer(header.Type, bytes.AsSpan(at, (int)header.BodyLengthBytes).ToArray());
            at += (int)header.BodyLengthBytes;
        }
    }
}
