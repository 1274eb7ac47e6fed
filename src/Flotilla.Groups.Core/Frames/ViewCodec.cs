using System.Collections.Immutable;
using Flotilla.Groups.Core.Log;

namespace Flotilla.Groups.Core.Frames;

/// <summary>
/// A decided view: u64+u64 cluster, u64 epoch, u64 start, u64 sequencer, u8 1 for recovery, u16 count of members, each: <see cref="NodeCard"/>, u8 role, u64 last
/// number sequenced; then u32 count of past incarnations, each u64 node, u32 incarnation.
/// </summary>
internal static class ViewCodec
{
    private const int MaxMembers = 1024;

    public static void Write(FrameBuilder builder, DecidedView decided)
    {
        var view = decided.View;
        builder.Cluster(view.Cluster).U64(view.Epoch).U64(view.StartSequence).Node(view.Sequencer).U8(view.IsRecovery ? (byte)1 : (byte)0);
        builder.U16((ushort)view.Members.Length);
        for (var i = 0; i < view.Members.Length; i++)
        {
            var member = view.Members[i];
            new NodeCard(member.Id, member.Name, member.Address, member.Weight, member.NeverVotes).Write(builder);
            builder.U8((byte)member.Role).U64(decided.Numbers[i]);
        }

        builder.U32((uint)view.Past.Length);
        foreach (var past in view.Past)
            builder.Member(past);
    }

    /// <summary>Null when it is none; the reader has then failed.</summary>
    public static DecidedView? Read(ref FrameReader reader)
    {
        var (cluster, epoch, start, sequencer, recovery) = (reader.Cluster(), reader.U64(), reader.U64(), reader.Node(), reader.U8());
        var count = reader.U16();
        reader.FailUnless(!cluster.IsNone && epoch >= 1 && start >= 1 && recovery <= 1 && count is >= 1 and <= MaxMembers);
        var members = ImmutableArray.CreateBuilder<ClusterMember>();
        var numbers = ImmutableArray.CreateBuilder<ulong>();
        for (var i = 0; reader.IsGood && i < count; i++)
        {
            var (card, role, number) = (NodeCard.Read(ref reader), (MemberRole)reader.U8(), reader.U64());
            reader.FailUnless(role is MemberRole.Learner or MemberRole.Voter);
            if (card is null || members.Any(member => member.Id.Node == card.Id.Node))
                reader.Fail();
            else
                members.Add(card.AsMember(role));
            numbers.Add(number);
        }

        var past = ReadPast(ref reader);
        if (!members.Any(member => member.Id.Node == sequencer && member.Role == MemberRole.Voter))
            reader.Fail();
        if (!reader.IsGood)
            return null;
        var view = new ClusterView
        {
            Cluster = cluster, Epoch = epoch, StartSequence = start, Sequencer = sequencer, IsRecovery = recovery == 1,
            Members = members.ToImmutable(), Past = past,
        };
        return new DecidedView(view, numbers.ToImmutable());
    }

    private static ImmutableArray<MemberId> ReadPast(ref FrameReader reader)
    {
        var count = reader.U32();
        reader.FailUnless(count <= reader.Rest.Length / 12);
        var past = ImmutableArray.CreateBuilder<MemberId>();
        for (var i = 0; reader.IsGood && i < count; i++)
            past.Add(reader.Member());
        return past.ToImmutable();
    }
}
