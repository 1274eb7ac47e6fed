using Flotilla.JobServer.Core;
using Flotilla.Primitives;
using Microsoft.Extensions.Logging;

namespace Flotilla.JobServer.Hosting;

/// <summary>
/// The one machine and the lock before it. Whoever holds the lock steps the machine and is its runtime meanwhile: effects write into
/// connections' queues and into the store's next batch, and note which loops have to look.
/// </summary>
internal sealed class MachineGate(JobMachine machine, JobServerOptions options, StorePump? store) : IJobServerEffects
{
    private readonly Stack<int> _freeSlots = [];
    private readonly ulong _observedKinds = options.Observer?.Kinds ?? 0;
    private readonly MemoryReturn _memory = new();
    private ServerConnection?[] _connections = new ServerConnection?[64];
    private ConnectionId _lastViolator;
    private string? _lastViolation;
    private readonly ServerClock _clock = new(options.Time);

    public Lock Lock { get; } = new();

    public JobMachine Machine { get; } = machine;

    public ILogger Logger { get; } = options.Logger;

    /// <summary>Connections in the table, those in the process too.</summary>
    public int Count { get; private set; }

    /// <summary>Completes when the server is draining and no job runs.</summary>
    public TaskCompletionSource? Drained { get; set; }

    /// <summary>From any thread: milliseconds since the Unix epoch, never going back.</summary>
    public long NowMs() => _clock.NowMs();

    public void Begin(ServerConnection connection, ConnectionInfo info, long nowMs)
    {
        if (!_freeSlots.TryPop(out var slot))
            slot = Count;
        if (slot >= _connections.Length)
            Array.Resize(ref _connections, _connections.Length * 2);
        Invariant.Require(_connections[slot] is null);
        _connections[slot] = connection;
        connection.Id = new ConnectionId(slot);
        Count++;
        options.Observer?.ConnectionOpened();
        Machine.Step(JobServerInput.Connected(nowMs, connection.Id, info), this);
    }

    public void End(ServerConnection connection, long nowMs)
    {
        var slot = connection.Id.Slot;
        if (_connections[slot] != connection)
            return;
        Machine.Step(JobServerInput.Disconnected(nowMs, connection.Id), this);
        _connections[slot] = null;
        _freeSlots.Push(slot);
        Count--;
        options.Observer?.ConnectionClosed();
    }

    /// <summary>Under the lock, after a batch of steps: what is due is done, what was stored is handed on.</summary>
    public void EndBatch(long nowMs)
    {
        if (Machine.NextDeadlineMs <= nowMs)
            Machine.Step(JobServerInput.Tick(nowMs), this);
        store?.Kick();
        _memory.Look(Machine.MemoryBytes);
        if (Drained is { } drained && Machine.RunningJobs == 0)
            drained.TrySetResult();
    }

    /// <summary>All connections, for the end of the server.</summary>
    public IReadOnlyList<ServerConnection> Connections() => [.. _connections.OfType<ServerConnection>()];

    public ByteQueue Output(ConnectionId connection)
    {
        var to = _connections[connection.Slot]!;
        if (!to.IsTouched)
            to.Loop.Touch(to);
        return to.MachineOutput;
    }

    public void Close(ConnectionId connection, CloseReason reason)
    {
        var why = _lastViolator == connection ? _lastViolation : null;
        _lastViolation = null;
        _connections[connection.Slot]!.EndByMachine(reason, why);
    }

    public void Store(ulong sequence, in StoredRecord record)
    {
        Invariant.Require(store is not null);
        store.Add(sequence, record);
    }

    public void Report(in JobServerEvent happened)
    {
        if (happened.Kind == JobServerEventKind.ProtocolViolation)
        {
            _lastViolator = happened.Connection;
            _lastViolation = happened.Detail;
        }

        if ((_observedKinds >> (int)happened.Kind & 1) != 0)
            options.Observer!.Report(happened);
    }
}
