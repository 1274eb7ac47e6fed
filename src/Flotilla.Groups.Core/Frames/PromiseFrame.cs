using Flotilla.Groups.Core.Log;

namespace Flotilla.Groups.Core.Frames;

/// <summary>
/// A promise: ballot, u8 flags, who it is (<see cref="NodeCard"/>), u64 last sequence, u64 its epoch, u64 first sequence it keeps,
/// i64 ns the leases it helped to give may still run; with <see cref="PromiseFlags.HasAccepted"/> the ballot and view it accepted.
/// </summary>
internal sealed record PromiseFrame
{
    public required Ballot Ballot { get; init; }

    public required PromiseFlags Flags { get; init; }

    public required NodeCard Card { get; init; }

    public required ulong Head { get; init; }

    public required ulong HeadEpoch { get; init; }

    public required ulong KeptFrom { get; init; }

    public required long LeaseWaitNs { get; init; }

    public Ballot AcceptedBallot { get; init; }

    public DecidedView? Accepted { get; init; }

    public bool Is(PromiseFlags flags) => (Flags & flags) == flags;

    public void Write(FrameBuilder builder)
    {
        builder.Clear().Ballot(Ballot).U8((byte)(Accepted is null ? Flags : Flags | PromiseFlags.HasAccepted));
        Card.Write(builder);
        builder.U64(Head).U64(HeadEpoch).U64(KeptFrom).I64(LeaseWaitNs);
        if (Accepted is null)
            return;
        builder.Ballot(AcceptedBallot);
        ViewCodec.Write(builder, Accepted);
    }

    public static bool TryRead(ReadOnlySpan<byte> body, out PromiseFrame? frame)
    {
        var reader = new FrameReader(body);
        var (ballot, flags, card) = (reader.Ballot(), (PromiseFlags)reader.U8(), NodeCard.Read(ref reader));
        var (head, headEpoch, kept, wait) = (reader.U64(), reader.U64(), reader.U64(), reader.I64());
        reader.FailUnless((byte)flags < 64 && wait >= 0);
        var hasAccepted = (flags & PromiseFlags.HasAccepted) != PromiseFlags.None;
        var acceptedBallot = hasAccepted ? reader.Ballot() : default;
        var accepted = hasAccepted ? ViewCodec.Read(ref reader) : null;
        frame = reader.IsComplete
            ? new PromiseFrame
            {
                Ballot = ballot, Flags = flags, Card = card!, Head = head, HeadEpoch = headEpoch, KeptFrom = kept, LeaseWaitNs = wait,
                AcceptedBallot = acceptedBallot, Accepted = accepted,
            }
            : null;
        return frame is not null;
    }
}
