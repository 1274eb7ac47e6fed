using System.Buffers.Binary;
using Flotilla.Groups.Core;
using Flotilla.Primitives;

namespace Flotilla.Simulation.Groups;

/// <summary>
/// An external client: no member, connected to one node at a time. Sends one message after the other, each until it is confirmed, at another
/// node when the first is gone or silent: it must take effect once. Asks queries now and then.
/// </summary>
internal sealed class SimClient(GroupWorld world, int process, SeededRandom random)
{
    private const long PatienceNs = 3_000_000_000;

    private ClientId _id = new(random.NextUInt64() | 1, random.NextUInt64());
    private ulong _number;
    private ulong _query = 1_000_000;
    private Pending? _pending;
    private ulong _open;
    private long _sinceNs;
    private int _refusals;
    private int _life;

    private sealed record Pending(ulong Number, ulong Message, string Group, Delivery Delivery);

    /// <summary>The host it talks to; -1 for none.</summary>
    public int Host { get; private set; } = -1;

    public uint Connection { get; private set; }

    public ByteQueue Output { get; } = new();

    public void Start()
        => world.Note(new TraceEvent { AtNs = world.Queue.NowNs, Process = process, Kind = TraceKind.Start, Text = "client" });

    /// <summary>Does the next thing; every now and then.</summary>
    public void Work()
    {
        if (Host >= 0 && (world.Node(Host).Life != _life || (_pending is not null && world.Queue.NowNs - _sinceNs > PatienceNs)))
            Leave();
        if (Host < 0)
            Connect();
        if (Host < 0 || world.IsQuiet)
            return;
        if (_pending is null)
            Begin();
        if (random.OneIn(6))
            Ask();
    }

    /// <summary>What the node wrote for it.</summary>
    public void Receive(uint connection, ReadOnlySpan<byte> bytes)
    {
        for (var at = 0; at < bytes.Length && connection == Connection && Host >= 0;)
        {
            var length = BinaryPrimitives.ReadInt32LittleEndian(bytes[at..]);
            Invariant.Require(ClientFrame.TryRead(bytes.Slice(at + 4, length), out var frame));
            Take(frame);
            at += 4 + length;
        }
    }

    private void Take(in ClientFrame frame)
    {
        switch (frame.Type)
        {
            case ClientFrameType.Sent when frame.Number == _pending?.Number:
                Sent(frame);
                break;
            case ClientFrameType.Answer or ClientFrameType.QueryEnd:
                world.Count($"client query: {frame.Type}");
                break;
            case ClientFrameType.Redirect:
                world.Count("client redirected");
                Leave();
                break;
        }
    }

    private void Sent(in ClientFrame frame)
    {
        world.Count($"client: {frame.Result}");
        switch (frame.Result)
        {
            case CommandResult.Done:
                Outcome(frame.Result);
                _pending = null;
                _refusals = 0;
                break;
            case CommandResult.Refused when ++_refusals > 4:
                // Somebody may still have it on its way: it is not sent again, and the client begins anew.
                Outcome(CommandResult.Indeterminate);
                _pending = null;
                (_refusals, _number, _id) = (0, 0, new ClientId(random.NextUInt64() | 1, random.NextUInt64()));
                Leave();
                break;
            default:
                Leave();
                break;
        }
    }

    private void Begin()
    {
        var message = world.NextMessage();
        var delivery = random.OneIn(3) ? Delivery.SafeDurable : Delivery.Safe;
        _pending = new Pending(++_number, message, "g" + (char)('0' + random.Next(world.Parameters.Groups)), delivery);
        _open++;
        world.Note(new TraceEvent
        {
            AtNs = world.Queue.NowNs, Process = process, Kind = TraceKind.Send, Message = message, Group = _pending.Group, Delivery = delivery, Token = _open, Operation = TraceOperation.Client,
        });
        Send();
    }

    private void Send()
    {
        if (_pending is not { } pending || Host < 0)
            return;
        _sinceNs = world.Queue.NowNs;
        Span<byte> body = stackalloc byte[SimMessage.SizeBytesMin + (int)(pending.Message % 40)];
        SimMessage.Write(body, pending.Message);
        Write(new ClientFrame { Type = ClientFrameType.Send, Number = pending.Number, Delivery = pending.Delivery, Group = pending.Group, Payload = body });
    }

    private void Ask()
    {
        var message = world.NextMessage();
        var group = "g" + (char)('0' + random.Next(world.Parameters.Groups));
        Span<byte> body = stackalloc byte[SimMessage.SizeBytesMin];
        SimMessage.Write(body, message);
        world.Note(new TraceEvent { AtNs = world.Queue.NowNs, Process = process, Kind = TraceKind.Send, Message = message, Group = group, Delivery = Delivery.Ordered, Operation = TraceOperation.Query });
        Write(new ClientFrame { Type = ClientFrameType.Query, Number = ++_query, Delivery = Delivery.Ordered, Replies = random.OneIn(2) ? QueryGroup.All : 1, TimeoutMs = 1_000, Group = group, Payload = body });
    }

    private void Outcome(CommandResult result)
        => world.Note(new TraceEvent { AtNs = world.Queue.NowNs, Process = process, Kind = TraceKind.Outcome, Token = _open, Operation = TraceOperation.Client, Result = result });

    private void Connect()
    {
        var host = random.Next(world.Parameters.Nodes);
        var node = world.Node(host);
        if (!node.IsRunning || node.IsPaused || node.IsStopping)
            return;
        (Host, _life, Connection) = (host, node.Life, world.NextClientConnection(this));
        node.ClientUp(Connection);
        Write(new ClientFrame { Type = ClientFrameType.Hello, Client = _id });
        Send();
    }

    private void Leave()
    {
        if (Host >= 0 && world.Node(Host).Life == _life)
            world.Node(Host).Later(WorldEventKind.ClientLeft, 1, number: Connection);
        world.Forget(Connection);
        (Host, Connection) = (-1, 0);
        Output.Clear();
    }

    private void Write(in ClientFrame frame)
    {
        var queue = new ByteQueue();
        frame.Write(queue);
        world.Node(Host).Later(WorldEventKind.ClientFrame, random.Next(1, 2_000_000), queue.ToArray().AsSpan(4).ToArray(), Connection);
    }
}
