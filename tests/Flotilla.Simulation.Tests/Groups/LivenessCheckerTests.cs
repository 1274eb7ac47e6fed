using static Flotilla.Simulation.Tests.Groups.TraceText;

namespace Flotilla.Simulation.Tests.Groups;

public sealed class LivenessCheckerTests
{
    private const string Two = "1.1:v:1,2.1:v:1";

    private static readonly string Good = $"""
        1 p0 start
        1 p1 start
        3 p0 view id=1.1 {View(1, 1, Two)}
        3 p1 view id=2.1 {View(1, 1, Two)}
        4 p0 command op=Join group=g token=1
        5 p0 create group=g
        6 p0 outcome op=Join token=1 result=Done group=g
        10 world heal text=0%201
        1000 world end
        """;

    [Fact]
    public void ARunThatEndsWellBreaksNothing() => Holds(Good);

    [Fact]
    public void L1TheCoreEndsInOneView()
        => Breaks("L1Convergence", Good + $"\n11 p0 view id=1.1 {View(2, 5, Two)}");

    [Fact]
    public void L1TheCoreEndsInAView()
        => BreaksAmongOthers("L1Convergence", Good + "\n8 p1 crash text=kill\n9 p1 start");

    [Fact]
    public void L1TheLastViewHoldsNobodyElse()
        => Breaks("L1Convergence", Good + $"\n11 p0 view id=1.1 {View(2, 5)}\n11 p1 view id=2.1 {View(2, 5)}");

    [Fact]
    public void L2EveryCommandEnds()
        => Breaks("L2Termination", Good + "\n20 p0 command op=Flush group=g token=2");

    [Fact]
    public void L3WhoJoinedHasTheState()
        => Breaks("L3Joins", string.Join('\n', Good.Split('\n').Where(line => !line.Contains("create", StringComparison.Ordinal))));

    [Fact]
    public void L4InACalmRunNobodyIsRemoved()
    {
        Breaks("L4NoNeedlessEviction", $"1 world expect text=calm\n1 p0 start\n3 p0 view id=1.1 {View(1, 1)}\n4 p0 view id=1.1 {View(2, 5, Two)}");
        Breaks("L4NoNeedlessEviction", "1 world expect text=calm\n1 p0 start\n3 p0 evicted id=1.1");
        Holds($"1 p0 start\n3 p0 view id=1.1 {View(1, 1)}\n4 p0 view id=1.1 {View(2, 5, Two)}");
    }

    [Theory]
    [InlineData(500, false)]
    [InlineData(400, true)]
    public void L5DeliveriesPauseNoLongerThanTheBound(int bound, bool isBroken)
    {
        var trace = $"""
            1 world expect text=gap n={bound}
            1 p0 start
            2 p0 view id=1.1 {View(1, 1)}
            2 p0 create group=g
            3 p0 send group=g msg=1 class=Ordered
            3 p0 send group=g msg=2 class=Ordered
            10 p0 deliver id=1.1 group=g msg=1 epoch=1 seq=5 class=Ordered
            460 p0 deliver id=1.1 group=g msg=2 epoch=1 seq=6 class=Ordered
            """;
        if (isBroken)
            Breaks("L5BoundedGap", trace);
        else
            Holds(trace);
    }

    [Fact]
    public void L6ViewsStopChanging()
        => Breaks("L6NoLivelock", Good + $"\n990 p0 view id=1.1 {View(2, 5, Two)}\n990 p1 view id=2.1 {View(2, 5, Two)}");

    [Fact]
    public void L7NothingGrowsWithoutBound()
    {
        Breaks("L7BoundedMemory", "1 p0 gauge text=bytes n=10 seq=9");
        Holds("1 p0 gauge text=bytes n=9 seq=9");
    }
}
