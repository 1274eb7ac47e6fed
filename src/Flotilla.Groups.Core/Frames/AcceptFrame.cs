using Flotilla.Groups.Core.Log;

namespace Flotilla.Groups.Core.Frames;

/// <summary>Asks to accept a view: ballot, then the view (<see cref="ViewCodec"/>); the cut is the sequence before its start.</summary>
internal readonly record struct AcceptFrame(Ballot Ballot, DecidedView Value)
{
    public void Write(FrameBuilder builder) => ViewCodec.Write(builder.Clear().Ballot(Ballot), Value);

    public static bool TryRead(ReadOnlySpan<byte> body, out AcceptFrame frame)
    {
        var reader = new FrameReader(body);
        var (ballot, value) = (reader.Ballot(), ViewCodec.Read(ref reader));
        frame = new AcceptFrame(ballot, value!);
        return reader.IsComplete && value!.View.Epoch == ballot.Epoch && !ballot.Proposer.IsNone;
    }
}
