namespace Flotilla.Primitives.Tests;

public sealed class SeededRandomTests
{
    [Fact]
    public void TheSameSeedGivesTheSameRun()
    {
        var one = new SeededRandom(42);
        var other = new SeededRandom(42);
        var different = new SeededRandom(43);
        var same = 0;
        for (var i = 0; i < 1_000; i++)
        {
            var value = one.NextUInt64();
            Assert.Equal(value, other.NextUInt64());
            same += value == different.NextUInt64() ? 1 : 0;
        }

        Assert.Equal(0, same);
    }

    [Fact]
    public void NextStaysInItsRangeAndReachesBothEnds()
    {
        var random = new SeededRandom(1);
        var seen = new int[7];
        for (var i = 0; i < 7_000; i++)
            seen[random.Next(3, 10) - 3]++;
        Assert.All(seen, count => Assert.InRange(count, 700, 1_300));
    }

    [Fact]
    public void SeedZeroIsASeedLikeAnyOther()
        => Assert.NotEqual(new SeededRandom(0).NextUInt64(), new SeededRandom(0x1234).NextUInt64());

    [Fact]
    public void AnEmptyRangeIsAnInvariantViolation()
        => Assert.Throws<InvariantViolationException>(() => new SeededRandom(1).Next(0));
}
