using System.Buffers.Binary;
using Flotilla.Groups.Core.Frames;
using Flotilla.Groups.Core.Links;
using Flotilla.Primitives;

namespace Flotilla.Groups.Core;

/// <summary>What the parts of a node share: its options, its clock and chance, where frames go.</summary>
internal sealed class NodeContext(NodeOptions options)
{
    public NodeOptions Options { get; } = options;

    public SeededRandom Random { get; } = new(options.RandomSeed);

    /// <summary>The time of the step at work.</summary>
    public long NowNs { get; set; }

    /// <summary>The effects of the step at work.</summary>
    public INodeEffects Effects { get; set; } = null!;

    /// <summary>Set by the machine once its parts exist.</summary>
    public ILinks Links { get; set; } = null!;

    /// <summary>This node; set once its identity is known.</summary>
    public MemberId Self { get; set; }

    /// <summary>Sends a frame to any node, through a relay when there is no direct path; drops it when there is none. Never to this node.</summary>
    public void Send(NodeId to, FrameType type, ReadOnlySpan<byte> body)
    {
        Invariant.Require(to != Self.Node);
        var hop = Links.NextHop(to);
        if (hop.IsNone || Effects.Output(hop) is not { } output)
            return;
        if (hop == to)
            Write(output, type, body);
        else
            RelayFrame.Write(output, Self.Node, to, type, body);
    }

    /// <summary>Sends a frame of the group layer.</summary>
    public void SendDirect(NodeId to, ReadOnlySpan<byte> body) => Send(to, FrameType.Direct, body);

    public void Report(NodeEventKind kind, NodeId peer = default, ulong number = 0, string? text = null)
        => Effects.Report(new NodeEvent(kind, peer, number, text));

    /// <summary>Length, type, body: the layout of every frame.</summary>
    public static void Write(ByteQueue output, FrameType type, ReadOnlySpan<byte> body)
    {
        var header = output.GetSpan(FrameLimits.HeaderSizeBytes);
        BinaryPrimitives.WriteUInt32LittleEndian(header, (uint)(1 + body.Length));
        header[4] = (byte)type;
        output.Advance(FrameLimits.HeaderSizeBytes);
        output.Append(body);
    }
}
