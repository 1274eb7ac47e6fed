using Flotilla.Chaos.Tests.Clients;

namespace Flotilla.Chaos.Tests.Checks;

public sealed class OutageTests
{
    [Fact]
    public void TheGapIsTheLongestTimeBetweenTwoAnswersFromTheLastOneBeforeTheFaultOn()
    {
        Write[] writes = [At(1_000), At(5_000), At(5_100), At(7_100), At(7_200)];
        Assert.Equal(2_000, Outage.LongestGapMs(writes, faultNs: 5_500_000_000));
        Assert.Equal(4_000, Outage.LongestGapMs(writes, faultNs: 4_000_000_000));
        Assert.Null(Outage.LongestGapMs(writes, faultNs: 8_000_000_000));
    }

    [Fact]
    public void RunsOfOneFaultAreOneLine()
    {
        Outage[] outages = [new("kill", 100, 0, [200, 300], 4000, 1), new("kill", 50, 0, [250], 5000, 2), new("cut", 10, 0, [], 1000, 0)];
        Assert.Equal(outages[0].ToLine(), Outage.Parse(outages[0].ToLine()).ToLine());
        Assert.EndsWith("| cut | 1 | 10 | 0 | - | - | 1.00 s | 0 |\n| kill | 2 | 150 | 0 | 0.25 s | 0.30 s | 5.00 s | 1-2 |\n", OutageTable.Format(outages), StringComparison.Ordinal);
    }

    private static Write At(long ms) => new(1, ms, 0, (ms - 1) * 1_000_000, ms * 1_000_000, WriteOutcome.Acknowledged);
}
