namespace Flotilla.Groups.Core.Frames;

/// <summary>Who a node is: u64 node, u32 incarnation, text name, text address, u8 weight, u8 1 when it never votes.</summary>
internal sealed record NodeCard(MemberId Id, string Name, string Address, int Weight, bool NeverVotes)
{
    public ClusterMember AsMember(MemberRole role) => new(Id, Name, Address, role, Weight) { NeverVotes = NeverVotes };

    public void Write(FrameBuilder builder)
        => builder.Member(Id).Text(Name).Text(Address).U8((byte)Weight).U8(NeverVotes ? (byte)1 : (byte)0);

    /// <summary>Null when it is none.</summary>
    public static NodeCard? Read(ref FrameReader reader)
    {
        var (id, name, address, weight, never) = (reader.Member(), reader.Text(256), reader.Text(1024), reader.U8(), reader.U8());
        reader.FailUnless(!id.Node.IsNone && weight is >= 1 and <= 100 && never <= 1);
        return reader.IsGood ? new NodeCard(id, name, address, weight, never == 1) : null;
    }
}
