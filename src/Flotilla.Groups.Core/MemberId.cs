namespace Flotilla.Groups.Core;

/// <summary>One life of a node: the incarnation grows with every start and with every return after an eviction, and is never used twice.</summary>
public readonly record struct MemberId(NodeId Node, uint Incarnation) : IComparable<MemberId>
{
    public int CompareTo(MemberId other)
        => Node != other.Node ? Node.CompareTo(other.Node) : Incarnation.CompareTo(other.Incarnation);

    public static bool operator <(MemberId left, MemberId right) => left.CompareTo(right) < 0;

    public static bool operator >(MemberId left, MemberId right) => left.CompareTo(right) > 0;

    public static bool operator <=(MemberId left, MemberId right) => left.CompareTo(right) <= 0;

    public static bool operator >=(MemberId left, MemberId right) => left.CompareTo(right) >= 0;

    public override string ToString() => $"{Node}.{Incarnation}";
}
