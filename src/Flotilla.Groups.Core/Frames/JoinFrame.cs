namespace Flotilla.Groups.Core.Frames;

/// <summary>A node in no view: u64+u64 cluster (0 when it belongs to none), u64 epoch of the last view it knows, then its <see cref="NodeCard"/>.</summary>
internal sealed record JoinFrame(ClusterId Cluster, ulong Epoch, NodeCard Card)
{
    public void Write(FrameBuilder builder) => Card.Write(builder.Clear().Cluster(Cluster).U64(Epoch));

    public static bool TryRead(ReadOnlySpan<byte> body, out JoinFrame? frame)
    {
        var reader = new FrameReader(body);
        var (cluster, epoch, card) = (reader.Cluster(), reader.U64(), NodeCard.Read(ref reader));
        frame = reader.IsComplete ? new JoinFrame(cluster, epoch, card!) : null;
        return frame is not null;
    }
}
