using System.Collections.Immutable;

namespace Flotilla.Groups.Core.Frames;

/// <summary>A fresh node that founds: its <see cref="NodeCard"/>, u8 count of founders, their addresses as texts.</summary>
internal sealed record FoundFrame(NodeCard Card, ImmutableArray<string> Founders)
{
    public void Write(FrameBuilder builder)
    {
        Card.Write(builder.Clear());
        builder.U8((byte)Founders.Length);
        foreach (var founder in Founders)
            builder.Text(founder);
    }

    public static bool TryRead(ReadOnlySpan<byte> body, out FoundFrame? frame)
    {
        var reader = new FrameReader(body);
        var (card, count) = (NodeCard.Read(ref reader), reader.U8());
        var founders = ImmutableArray.CreateBuilder<string>();
        for (var i = 0; reader.IsGood && i < count; i++)
            founders.Add(reader.Text(1024));
        frame = reader.IsComplete ? new FoundFrame(card!, founders.ToImmutable()) : null;
        return frame is not null;
    }
}
