using Flotilla.Groups.Core.Frames;
using Flotilla.Primitives;

namespace Flotilla.Groups.Core.Log;

/// <summary>
/// Which node and which incarnation this is. An incarnation is on disk, flushed, before anybody hears of it.
/// Record: u64+u64 cluster, u64 node, u32 incarnation, u8 1 when entries acknowledged before may be lost.
/// </summary>
internal sealed class Identity(NodeContext context, Persistence disk)
{
    private uint _incarnation;

    public NodeId Node { get; private set; }

    public ClusterId Cluster { get; private set; }

    /// <summary>The incarnation is flushed and in use.</summary>
    public bool IsReady { get; private set; }

    /// <summary>Entries acknowledged as written by an earlier life may be lost; until this node is a member again.</summary>
    public bool IsAmnesiac { get; private set; }

    public bool TryReplay(ReadOnlySpan<byte> body)
    {
        var reader = new FrameReader(body);
        var (cluster, id, amnesiac) = (reader.Cluster(), reader.Member(), reader.U8());
        if (!reader.IsComplete || id.Node.IsNone)
            return false;
        (Cluster, Node, _incarnation, IsAmnesiac) = (cluster, id.Node, id.Incarnation, amnesiac == 1);
        return true;
    }

    /// <summary>A process begins: with the next incarnation, of a new node when there was none on disk.</summary>
    public void Begin(bool mayHaveLost, Action ready)
    {
        IsAmnesiac |= mayHaveLost && !Node.IsNone;
        while (Node.IsNone)
            Node = new NodeId(context.Random.NextUInt64());
        context.Self = new MemberId(Node, 0);
        Take(_incarnation + (Planted.Is(PlantedBug.ReuseIncarnation) && _incarnation > 0 ? 0u : 1u), ready);
    }

    /// <summary>This incarnation is over: begin the next one, above all that were ever used.</summary>
    public void Next(uint above, Action ready) => Take(Math.Max(_incarnation, above) + 1, ready);

    public void Join(ClusterId cluster)
    {
        if (Cluster == cluster)
            return;
        Cluster = cluster;
        Write(null);
    }

    /// <summary>This life is a member: what earlier ones acknowledged does not matter any more.</summary>
    public void Remember()
    {
        if (!IsAmnesiac)
            return;
        IsAmnesiac = false;
        Write(null);
    }

    private void Take(uint incarnation, Action ready)
    {
        Invariant.Require(incarnation >= 1);
        IsReady = false;
        _incarnation = incarnation;
        Write(() =>
        {
            if (_incarnation != incarnation)
                return;
            context.Self = new MemberId(Node, incarnation);
            IsReady = true;
            ready();
        });
    }

    private void Write(Action? whenFlushed)
        => disk.Write(
            PersistRecordKind.Identity, _incarnation,
            disk.Body().Cluster(Cluster).U64(Node.Value).U32(_incarnation).U8(IsAmnesiac ? (byte)1 : (byte)0).Body, whenFlushed);
}
