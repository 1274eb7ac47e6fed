using System.Buffers.Binary;
using System.Net;
using Flotilla.Groups.Core;
using Flotilla.Groups.Discovery;
using Flotilla.Groups.Hosting;
using Flotilla.Groups.Transport;
using Flotilla.Simulation.Groups;

namespace Flotilla.Groups.Tests.Processes;

/// <summary>
/// A process with one node and an application that sends all the time, and writes down everything it sees for the simulator's checkers. Lines are with
/// the kernel before anything they tell of can be seen elsewhere (sends) or at the end of each batch.
/// </summary>
internal sealed class TraceNode : INodeObserver
{
    public const string Group = "g";

    private const long Ms = 1_000_000;
    private const int OutstandingMax = 64;

    private readonly Lock _lock = new();
    private readonly int _index;
    private readonly string _address;
    private readonly StreamWriter _trace;
    private readonly ulong _messageBase;
    private readonly TaskCompletionSource<NodeRuntime> _runtime = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<byte> _loading = [];
    private uint _group;
    private bool _hasState;
    private bool _isQuiet;
    private int _outstanding;
    private ulong _sent;
    private ulong _hash;
    private ulong _count;
    private ulong _sequence;

    private TraceNode(int index, string address, string folder)
    {
        (_index, _address) = (index, address);
        var startNs = NodeClock.NowNs;
        _messageBase = ((ulong)(index + 1) << 56) | ((ulong)(startNs / Ms) << 16);
        _trace = new StreamWriter(new FileStream(TracePath(folder), FileMode.Append, FileAccess.Write, FileShare.ReadWrite)) { NewLine = "\n" };
        Write(new TraceEvent { AtNs = startNs, Process = index, Kind = TraceKind.Start, Text = "kill" });
        _trace.Flush();
    }

    public static string TracePath(string folder) => Path.Combine(folder, "trace");

    private static NodeOptions OptionsOf(string name, string address, string[] founders, int suspectMs) => new()
    {
        Name = name,
        Address = address,
        Founders = [.. founders],
        RandomSeed = (ulong)NodeClock.NowNs | 1,
        TickNs = 10 * Ms,
        HeartbeatNs = suspectMs * Ms / 20,
        SuspectNs = suspectMs * Ms,
        LeaseNs = suspectMs * Ms * 3 / 2,
    };

    public static async Task<int> RunAsync(int index, string listen, string address, string[] founders, string folder, int suspectMs)
    {
        var node = new TraceNode(index, address, folder);
        var options = new NodeRuntimeOptions
        {
            Node = OptionsOf($"n{index}", address, founders, suspectMs),
            Listen = IPEndPoint.Parse(listen),
            Discovery = new HostListDiscovery([.. founders.Where(founder => founder != address)]),
            DataDirectory = Path.Combine(folder, "data"),
            Transport = new TransportOptions { Secret = "for the tests of processes" },
        };
        await using var runtime = await NodeRuntime.StartAsync(options, node, CancellationToken.None);
        node._runtime.SetResult(runtime);
        runtime.Do(1, new JoinGroup(Group, GroupStateKind.Transferred));
        using var ended = new CancellationTokenSource();
        var sending = node.SendAsync(runtime, ended.Token);
        while (await Console.In.ReadLineAsync() is { } line)
            node._isQuiet = line == "quiet";
        await ended.CancelAsync();
        await sending;
        return 0;
    }

    public void OnDelivery(in GroupDelivery delivery)
    {
        switch (delivery.Kind)
        {
            case GroupDeliveryKind.Message:
                Message(delivery);
                break;
            case GroupDeliveryKind.Create:
                (_hash, _count, _sequence, _hasState) = (0, 0, 0, true);
                Note(TraceKind.Create, delivery.Sequence);
                break;
            case GroupDeliveryKind.Reset:
                (_hash, _count, _sequence, _hasState) = (0, 0, 0, false);
                _loading.Clear();
                Note(TraceKind.Reset, delivery.Sequence);
                break;
            case GroupDeliveryKind.MakeCheckpoint:
                Note(TraceKind.MakeCheckpoint, _sequence);
                var state = new byte[24];
                BinaryPrimitives.WriteUInt64LittleEndian(state, _hash);
                BinaryPrimitives.WriteUInt64LittleEndian(state.AsSpan(8), _count);
                BinaryPrimitives.WriteUInt64LittleEndian(state.AsSpan(16), _sequence);
                _runtime.Task.Result.Do(0, new CheckpointPiece(delivery.Correlation, state, IsLast: true));
                break;
            case GroupDeliveryKind.LoadCheckpoint:
                Load(delivery);
                break;
        }
    }

    public void OnCompleted(ulong token, in CommandOutcome outcome)
    {
        if (token == 1)
        {
            if (outcome.Result == CommandResult.Partial)
                _group = (uint)outcome.Number;
            return;
        }

        Interlocked.Decrement(ref _outstanding);
        Write(new TraceEvent { AtNs = NodeClock.NowNs, Process = _index, Kind = TraceKind.Outcome, Operation = TraceOperation.Send, Token = token, Result = outcome.Result, Number = outcome.Number });
    }

    public void OnView(ClusterView view)
    {
        var id = view.Members.FirstOrDefault(member => member.Address == _address)?.Id ?? default;
        Write(new TraceEvent { AtNs = NodeClock.NowNs, Process = _index, Kind = TraceKind.View, Member = id, Epoch = view.Epoch, Sequence = view.StartSequence, View = view });
    }

    public void OnLease(Lease lease)
        => Write(new TraceEvent { AtNs = NodeClock.NowNs, Process = _index, Kind = TraceKind.Lease, Epoch = lease.Epoch, UntilNs = lease.UntilNs });

    public void OnPrimaryLost(ulong epoch) => Write(new TraceEvent { AtNs = NodeClock.NowNs, Process = _index, Kind = TraceKind.Lost, Epoch = epoch });

    public void OnEvicted(MemberId id, string why)
    {
        _hasState = false;
        Write(new TraceEvent { AtNs = NodeClock.NowNs, Process = _index, Kind = TraceKind.Evicted, Member = id, Text = why });
    }

    public void OnReport(in NodeEvent happened)
        => Write(new TraceEvent { AtNs = NodeClock.NowNs, Process = _index, Kind = TraceKind.Told, Text = $"{happened.Kind} {happened.Peer} {happened.Number} {happened.Text}" });

    public void OnBatchEnd()
    {
        lock (_lock)
            _trace.Flush();
    }

    public void OnStopped(Exception? failure)
    {
        if (failure is not null)
            Write(new TraceEvent { AtNs = NodeClock.NowNs, Process = _index, Kind = TraceKind.Defect, Text = failure.ToString() });
        OnBatchEnd();
    }

    private static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }

    private async Task SendAsync(NodeRuntime runtime, CancellationToken ended)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        var body = new byte[8];
        try
        {
            while (await timer.WaitForNextTickAsync(ended))
            {
                if (_isQuiet || !_hasState || Volatile.Read(ref _outstanding) >= OutstandingMax)
                    continue;
                var message = _messageBase + ++_sent;
                var delivery = (_sent % 4) switch { 0 => Delivery.SafeDurable, 1 or 2 => Delivery.Ordered, _ => Delivery.Safe };
                BinaryPrimitives.WriteUInt64LittleEndian(body, message);
                Interlocked.Increment(ref _outstanding);
                Write(new TraceEvent { AtNs = NodeClock.NowNs, Process = _index, Kind = TraceKind.Send, Operation = TraceOperation.Send, Group = Group, Message = message, Delivery = delivery, Token = message });
                OnBatchEnd();
                runtime.Send(_group, delivery, message, body);
            }
        }
        catch (OperationCanceledException)
        {
            // The test is over.
        }
    }

    private void Message(in GroupDelivery delivery)
    {
        var message = BinaryPrimitives.ReadUInt64LittleEndian(delivery.Body);
        _hash = Mix(_hash ^ Mix(message ^ (delivery.Sequence << 20)));
        _count++;
        _sequence = delivery.Sequence;
        Write(new TraceEvent
        {
            AtNs = NodeClock.NowNs, Process = _index, Kind = TraceKind.Deliver, Member = delivery.Sender, Epoch = delivery.Epoch, Sequence = delivery.Sequence,
            Group = Group, Message = message, Hash = _hash, Delivery = delivery.Delivery, IsReplay = delivery.IsReplay,
        });
    }

    private void Load(in GroupDelivery delivery)
    {
        _loading.AddRange(delivery.Body);
        _runtime.Task.Result.Do(0, new CheckpointTaken(delivery.Correlation));
        if (!delivery.IsLast)
            return;
        var state = _loading.ToArray();
        _loading.Clear();
        _hash = BinaryPrimitives.ReadUInt64LittleEndian(state);
        _count = BinaryPrimitives.ReadUInt64LittleEndian(state.AsSpan(8));
        _sequence = BinaryPrimitives.ReadUInt64LittleEndian(state.AsSpan(16));
        _hasState = true;
        Note(TraceKind.LoadCheckpoint, _sequence);
    }

    private void Note(TraceKind kind, ulong sequence)
        => Write(new TraceEvent { AtNs = NodeClock.NowNs, Process = _index, Kind = kind, Group = Group, Sequence = sequence, Hash = _hash });

    private void Write(in TraceEvent happened)
    {
        lock (_lock)
            _trace.WriteLine(TraceLine.Write(happened));
    }
}
