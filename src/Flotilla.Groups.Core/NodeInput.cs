namespace Flotilla.Groups.Core;

/// <summary>One input of <see cref="NodeMachine.Step"/>. Borrowed bytes are valid for the duration of the step only.</summary>
public readonly ref struct NodeInput
{
    private NodeInput(NodeInputKind kind, long nowNs)
    {
        Kind = kind;
        NowNs = nowNs;
    }

    public NodeInputKind Kind { get; }

    /// <summary>This node's monotonic clock, from any origin; never less than in the input before.</summary>
    public long NowNs { get; }

    public NodeId Peer { get; private init; }

    public PeerHello? Hello { get; private init; }

    public PeerLoss Loss { get; private init; }

    /// <summary>A frame without its length; a message's body.</summary>
    public ReadOnlySpan<byte> Bytes { get; private init; }

    public PersistRecord Record { get; private init; }

    public ulong Ticket { get; private init; }

    public string? Reason { get; private init; }

    /// <summary>For <see cref="NodeInputKind.Send"/>: the group's number on this node; for clients: the client's.</summary>
    public uint Target { get; private init; }

    public Delivery Delivery { get; private init; }

    /// <summary>Comes back with <see cref="INodeEffects.Completed"/>; chosen by the runtime, zero for "do not tell me".</summary>
    public ulong Token { get; private init; }

    public GroupCommand? Command { get; private init; }

    /// <summary>For <see cref="NodeInputKind.Start"/>: nothing that was acknowledged before this start can have been lost (same boot).</summary>
    public bool IsSameBoot { get; private init; }

    public static NodeInput Replayed(long nowNs, PersistRecord record) => new(NodeInputKind.Replayed, nowNs) { Record = record };

    public static NodeInput Start(long nowNs, bool isSameBoot) => new(NodeInputKind.Start, nowNs) { IsSameBoot = isSameBoot };

    public static NodeInput Tick(long nowNs) => new(NodeInputKind.Tick, nowNs);

    public static NodeInput PeerUp(long nowNs, PeerHello hello) => new(NodeInputKind.PeerUp, nowNs) { Peer = hello.Id.Node, Hello = hello };

    public static NodeInput PeerDown(long nowNs, NodeId peer, PeerLoss loss) => new(NodeInputKind.PeerDown, nowNs) { Peer = peer, Loss = loss };

    public static NodeInput Frame(long nowNs, NodeId peer, ReadOnlySpan<byte> frame) => new(NodeInputKind.Frame, nowNs) { Peer = peer, Bytes = frame };

    public static NodeInput Written(long nowNs, ulong ticket) => new(NodeInputKind.Written, nowNs) { Ticket = ticket };

    public static NodeInput Flushed(long nowNs, ulong ticket) => new(NodeInputKind.Flushed, nowNs) { Ticket = ticket };

    public static NodeInput PersistFailed(long nowNs, ulong ticket, string reason)
        => new(NodeInputKind.PersistFailed, nowNs) { Ticket = ticket, Reason = reason };

    public static NodeInput Do(long nowNs, ulong token, GroupCommand command) => new(NodeInputKind.Command, nowNs) { Token = token, Command = command };

    public static NodeInput Send(long nowNs, uint group, Delivery delivery, ulong token, ReadOnlySpan<byte> body)
        => new(NodeInputKind.Send, nowNs) { Target = group, Delivery = delivery, Token = token, Bytes = body };

    public static NodeInput ClientUp(long nowNs, uint client) => new(NodeInputKind.ClientUp, nowNs) { Target = client };

    public static NodeInput ClientFrame(long nowNs, uint client, ReadOnlySpan<byte> frame)
        => new(NodeInputKind.ClientFrame, nowNs) { Target = client, Bytes = frame };

    public static NodeInput ClientDown(long nowNs, uint client) => new(NodeInputKind.ClientDown, nowNs) { Target = client };

    public static NodeInput Stop(long nowNs) => new(NodeInputKind.Stop, nowNs);
}
