namespace Flotilla.Groups.Core;

/// <summary>One attempt to decide the view of <paramref name="Epoch"/>. Ordered by epoch, round, proposer.</summary>
public readonly record struct Ballot(ulong Epoch, uint Round, NodeId Proposer) : IComparable<Ballot>
{
    public int CompareTo(Ballot other)
    {
        if (Epoch != other.Epoch)
            return Epoch.CompareTo(other.Epoch);
        return Round != other.Round ? Round.CompareTo(other.Round) : Proposer.CompareTo(other.Proposer);
    }

    public override string ToString() => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Epoch}.{Round}.{Proposer}");

    public static bool operator <(Ballot left, Ballot right) => left.CompareTo(right) < 0;

    public static bool operator >(Ballot left, Ballot right) => left.CompareTo(right) > 0;

    public static bool operator <=(Ballot left, Ballot right) => left.CompareTo(right) <= 0;

    public static bool operator >=(Ballot left, Ballot right) => left.CompareTo(right) >= 0;
}
