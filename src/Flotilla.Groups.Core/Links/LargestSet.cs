using System.Numerics;

namespace Flotilla.Groups.Core.Links;

/// <summary>
/// The largest set of members that all reach one another and hold a weighted majority. Bit n is the member of rank n among those asked
/// about, at most <see cref="MaxMembers"/>: all maximal sets are tried, of which 20 members have at most about 1,500.
/// </summary>
internal ref struct LargestSet(ReadOnlySpan<uint> mutual, ReadOnlySpan<int> weights, int leftWeight, int totalWeight, uint sequencer)
{
    public const int MaxMembers = 20;

    private readonly ReadOnlySpan<uint> _mutual = mutual;
    private readonly ReadOnlySpan<int> _weights = weights;
    private uint _best;

    /// <summary>0 when no set holds a majority.</summary>
    public uint Find(uint candidates)
    {
        _best = 0;
        Extend(0, candidates, 0);
        return _best;
    }

    public readonly bool HoldsMajority(uint set)
    {
        var weight = 0;
        for (var rest = set; rest != 0; rest &= rest - 1)
            weight += _weights[BitOperations.TrailingZeroCount(rest)];
        return (2 * weight) + leftWeight > totalWeight;
    }

    private void Extend(uint chosen, uint candidates, uint done)
    {
        if ((candidates | done) == 0)
        {
            if (HoldsMajority(chosen) && IsBetter(chosen))
                _best = chosen;
            return;
        }

        var pivot = _mutual[BitOperations.TrailingZeroCount(candidates | done)];
        for (var rest = candidates & ~pivot; rest != 0; rest &= rest - 1)
        {
            var member = rest & (0 - rest);
            var reaches = _mutual[BitOperations.TrailingZeroCount(member)] & ~member;
            Extend(chosen | member, candidates & reaches, done & reaches);
            candidates &= ~member;
            done |= member;
        }
    }

    private readonly bool IsBetter(uint set)
    {
        if (_best == 0)
            return set != 0;
        var size = BitOperations.PopCount(set);
        var bestSize = BitOperations.PopCount(_best);
        if (size != bestSize)
            return size > bestSize;
        if ((set & sequencer) != (_best & sequencer))
            return (set & sequencer) != 0;
        var differ = set ^ _best;
        return (set & differ & (0 - differ)) != 0;
    }
}
