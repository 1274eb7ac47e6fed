using Flotilla.Groups.Core.Log;

namespace Flotilla.Groups.Core.Frames;

/// <summary>Asks for a promise: ballot, then the view that is to be followed (<see cref="ViewCodec"/>); empty for the first view.</summary>
internal readonly record struct PrepareFrame(Ballot Ballot, DecidedView? Before)
{
    public void Write(FrameBuilder builder)
    {
        builder.Clear().Ballot(Ballot);
        if (Before is not null)
            ViewCodec.Write(builder, Before);
    }

    public static bool TryRead(ReadOnlySpan<byte> body, out PrepareFrame frame)
    {
        var reader = new FrameReader(body);
        var ballot = reader.Ballot();
        var before = reader.Rest.IsEmpty ? null : ViewCodec.Read(ref reader);
        frame = new PrepareFrame(ballot, before);
        return reader.IsComplete && !ballot.Proposer.IsNone && ballot.Epoch == (before?.View.Epoch ?? 0) + 1;
    }
}
