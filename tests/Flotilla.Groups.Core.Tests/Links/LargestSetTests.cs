using System.Numerics;
using Flotilla.Groups.Core.Links;
using Flotilla.Primitives;

namespace Flotilla.Groups.Core.Tests.Links;

public sealed class LargestSetTests
{
    [Fact]
    public void TheLargestSetWithAMajorityIsFoundAsByTryingAll()
    {
        var random = new SeededRandom(11);
        for (var run = 0; run < 2_000; run++)
        {
            var count = random.Next(1, 9);
            var weights = Enumerable.Range(0, count).Select(_ => random.Next(1, 4)).ToArray();
            var mutual = RandomGraph(random, count);
            var sequencer = 1u << random.Next(count);
            var total = weights.Sum();
            var found = new LargestSet(mutual, weights, 0, total, sequencer).Find((1u << count) - 1);
            Assert.Equal(TryAll(mutual, weights, total, sequencer), found);
        }
    }

    [Fact]
    public void ATieKeepsTheSequencerThenTheLowerRank()
    {
        // 0-1-2 in a line: {0,1} or {1,2}.
        uint[] line = [0b010, 0b101, 0b010];
        int[] weights = [1, 1, 1];
        Assert.Equal(0b110u, new LargestSet(line, weights, 0, 3, 0b100).Find(0b111));
        Assert.Equal(0b011u, new LargestSet(line, weights, 0, 3, 0b010).Find(0b111));
        Assert.Equal(0u, new LargestSet(line, weights, 0, 5, 0b010).Find(0b111));
    }

    [Fact]
    public void TwentyMembersInTheWorstGraphTakeNoTime()
    {
        // Six trios and a pair, each member apart from its own: 1,458 maximal sets.
        var mutual = new uint[20];
        for (var i = 0; i < 20; i++)
        {
            for (var j = 0; j < 20; j++)
            {
                if (i / 3 != j / 3)
                    mutual[i] |= 1u << j;
            }
        }

        var weights = Enumerable.Repeat(1, 20).ToArray();
        Assert.Equal(7, BitOperations.PopCount(new LargestSet(mutual, weights, 0, 13, 1).Find((1u << 20) - 1)));
    }

    private static uint[] RandomGraph(SeededRandom random, int count)
    {
        var mutual = new uint[count];
        for (var a = 0; a < count; a++)
        {
            for (var b = 0; b < a; b++)
            {
                if (!random.OneIn(3))
                {
                    mutual[a] |= 1u << b;
                    mutual[b] |= 1u << a;
                }
            }
        }

        return mutual;
    }

    private static uint TryAll(uint[] mutual, int[] weights, int total, uint sequencer)
    {
        var best = 0u;
        for (var set = 1u; set < 1u << mutual.Length; set++)
        {
            var isClique = true;
            var weight = 0;
            for (var i = 0; i < mutual.Length; i++)
            {
                if ((set & (1u << i)) == 0)
                    continue;
                isClique &= (set & ~mutual[i] & ~(1u << i)) == 0;
                weight += weights[i];
            }

            if (isClique && 2 * weight > total && IsBetter(set, best, sequencer))
                best = set;
        }

        return best;
    }

    private static bool IsBetter(uint set, uint best, uint sequencer)
    {
        (int Size, bool Keeps, uint Lowest) Key(uint s) => (BitOperations.PopCount(s), (s & sequencer) != 0, Reverse(s));
        return best == 0 || Key(set).CompareTo(Key(best)) > 0;
    }

    private static uint Reverse(uint set)
    {
        var result = 0u;
        for (var i = 0; i < 32; i++)
            result |= ((set >> i) & 1) << (31 - i);
        return result;
    }
}
