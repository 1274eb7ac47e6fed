using Flotilla.Simulation.Groups;
using static Flotilla.Simulation.Tests.Groups.TraceText;

namespace Flotilla.Simulation.Tests.Groups;

public sealed class CheckerTests
{
    // Two processes found a cluster of three, p0 sends one message, both deliver it.
    private static readonly string Good = $"""
        1 p0 start
        1 p1 start
        2 p0 promised id=1.1 ballot=1.1.1
        2 p1 promised id=2.1 ballot=1.1.1
        2 p2 promised id=3.1 ballot=1.1.1
        2 p0 accepted id=1.1 ballot=1.1.1 {View(1, 1)}
        2 p1 accepted id=2.1 ballot=1.1.1 {View(1, 1)}
        2 p2 accepted id=3.1 ballot=1.1.1 {View(1, 1)}
        3 p0 view id=1.1 {View(1, 1)}
        3 p1 view id=2.1 {View(1, 1)}
        4 p0 create group=g seq=2
        4 p1 create group=g seq=2
        5 p0 send group=g msg=7 class=Ordered token=1 op=Send
        6 p0 deliver id=1.1 group=g msg=7 epoch=1 seq=5 class=Ordered hash=aa
        6 p1 deliver id=1.1 group=g msg=7 epoch=1 seq=5 class=Ordered hash=aa
        7 p0 outcome token=1 op=Send result=Done
        """;

    [Fact]
    public void AGoodTraceBreaksNothing() => Holds(Good);

    [Fact]
    public void EveryPromiseHasACheckerOfItsName()
    {
        string[] expected = [.. Enumerable.Range(1, 20).Select(number => $"I{number}"), .. Enumerable.Range(1, 7).Select(number => $"L{number}")];
        foreach (var name in expected)
            Assert.Contains(Checker.Names, found => found.StartsWith(name, StringComparison.Ordinal) && found.Length > name.Length && !char.IsDigit(found[name.Length]));
    }

    [Fact]
    public void LinesAreReadAsTheyWereWritten()
    {
        foreach (var line in Good.Split('\n').Select(line => line.Trim()))
            Assert.Equal(TraceLine.Write(TraceLine.Read(line)), TraceLine.Write(TraceLine.Read(TraceLine.Write(TraceLine.Read(line)))));
        const string full = "5 p1 outcome id=000000000000000a.2 ballot=2.3.000000000000000b epoch=1 seq=2 group=g%20h msg=3 hash=ff n=4 token=5 until=6 class=Safe op=Lock result=Partial replay=1 text=a%20b";
        Assert.Equal(full, TraceLine.Write(TraceLine.Read(full)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("1 p0")]
    [InlineData("1 p0 dance")]
    [InlineData("1 p0 view what")]
    [InlineData("1 p0 view who=5")]
    [InlineData("1 p0 promised ballot=1.2")]
    public void WhatIsNoTraceLineIsRefused(string line) => Assert.Throws<FormatException>(() => TraceLine.Read(line));

    [Fact]
    public void ADefectOfTheCoreIsAViolation() => Breaks("DefectCheck", Good + "\n8 p0 defect text=x");

    [Fact]
    public void I1OneEpochIsOneView()
        => Breaks("I1ViewOrder", Good.Replace($"3 p1 view id=2.1 {View(1, 1)}", $"3 p1 view id=2.1 {View(1, 1, "2.1:v:1,1.1:v:1,3.1:v:1")}", StringComparison.Ordinal));

    [Fact]
    public void I1LaterEpochsStartLater()
        => BreaksAmongOthers("I1ViewOrder", Good + $"\n8 p0 view id=1.1 {View(2, 1)}");

    [Fact]
    public void I2WhoInstallsAViewIsInIt()
        => Breaks("I2SelfInclusion", $"1 p0 start\n3 p0 view id=9.1 {View(1, 1)}");

    [Fact]
    public void I3EpochsGrow()
        => BreaksAmongOthers("I3MonotoneEpochs", $"1 p0 start\n3 p0 view id=1.1 {View(5, 9)}\n4 p0 view id=1.1 {View(4, 5)}");

    [Fact]
    public void I3NoIncarnationLivesTwice()
        => Breaks("I3MonotoneEpochs", $"1 p0 start\n3 p0 view id=1.1 {View(1, 1)}\n4 p0 crash text=kill\n5 p0 start\n6 p0 view id=1.1 {View(2, 5)}");

    [Fact]
    public void I4NothingIsDeliveredBeforeTheFirstView()
        => Breaks("I4InitialView", "1 p0 start\n2 p0 create group=g\n3 p0 send group=g msg=7 class=Ordered\n4 p0 deliver group=g msg=7 epoch=1 seq=5 class=Ordered");

    [Fact]
    public void I4NothingIsDeliveredWithoutAState()
        => Breaks("I4InitialView", Good.Replace("4 p1 create group=g seq=2\n", "", StringComparison.Ordinal));

    [Fact]
    public void I5AMessageIsDeliveredInItsView()
        => BreaksAmongOthers("I5SameView", Good.Replace("6 p1 deliver id=1.1 group=g msg=7 epoch=1", "6 p1 deliver id=1.1 group=g msg=7 epoch=2", StringComparison.Ordinal));

    [Fact]
    public void I6WhoGoOnTogetherDeliveredTheSame()
        => BreaksAmongOthers("I6VirtualSynchrony", Without("6 p1 deliver") + $"\n8 p0 view id=1.1 {View(2, 9)}\n8 p1 view id=2.1 {View(2, 9)}");

    [Fact]
    public void I7OneOrder()
        => BreaksAmongOthers("I7TotalOrder", Good + """

            8 p1 send group=g msg=8 class=Ordered
            9 p0 deliver id=2.1 group=g msg=8 epoch=1 seq=6 class=Ordered hash=bb
            9 p1 deliver id=2.1 group=g msg=8 epoch=1 seq=7 class=Ordered hash=bb
            """);

    [Fact]
    public void I7NoHoles()
        => Breaks("I7TotalOrder", Without("6 p1 deliver") + """

            8 p1 send group=g msg=8 class=Ordered
            9 p0 deliver id=2.1 group=g msg=8 epoch=1 seq=6 class=Ordered hash=bb
            9 p1 deliver id=2.1 group=g msg=8 epoch=1 seq=6 class=Ordered hash=bb
            """);

    [Fact]
    public void I8ASendersMessagesKeepItsOrder()
        => Breaks("I8CausalOrder", Good + """

            8 p1 send group=g msg=8 class=Ordered
            8 p1 send group=g msg=9 class=Ordered
            9 p0 deliver id=2.1 group=g msg=9 epoch=1 seq=6 class=Ordered hash=bb
            9 p0 deliver id=2.1 group=g msg=8 epoch=1 seq=7 class=Ordered hash=cc
            """);

    [Fact]
    public void I8AMessageComesAfterWhatItsSenderHadSeen()
        => BreaksAmongOthers("I8CausalOrder", Good + "\n8 p0 send group=g msg=8 class=Ordered\n9 p1 deliver id=1.1 group=g msg=8 epoch=1 seq=4 class=Ordered hash=bb");

    [Fact]
    public void I9WhatIsDeliveredWasSent()
        => Breaks("I9Integrity", Good + "\n8 p0 deliver id=1.1 group=g msg=99 epoch=1 seq=6 class=Ordered hash=bb");

    [Fact]
    public void I9NothingComesTwice()
        => BreaksAmongOthers("I9Integrity", Good + "\n8 p0 deliver id=1.1 group=g msg=7 epoch=1 seq=6 class=Ordered hash=bb");

    [Fact]
    public void I9TheSenderIsWhoSentIt()
        => Breaks("I9Integrity", Good.Replace("6 p1 deliver id=1.1", "6 p1 deliver id=2.1", StringComparison.Ordinal));

    [Fact]
    public void I10WhoStaysDeliversItsOwnMessages()
        => Breaks("I10SelfDelivery", Without("6 p0 deliver"));

    [Fact]
    public void I11ASafeMessageThatAnybodyDeliveredSurvives()
        => Breaks("I11Uniformity", SafeLost("Safe"));

    [Fact]
    public void I11APowerFailureOfALifeBeforeTheViewIsNoExcuse()
        => Breaks("I11Uniformity", $"""
            1 p0 start
            1 p1 start
            2 p0 view id=1.1 {View(1, 1)}
            2 p1 view id=2.1 {View(1, 1)}
            3 p0 crash text=power
            3 p0 start
            4 p0 view id=1.2 {View(2, 3, "2.1:v:1,3.1:v:1,1.2:v:1")}
            4 p1 view id=2.1 {View(2, 3, "2.1:v:1,3.1:v:1,1.2:v:1")}
            5 p1 create group=g seq=4
            6 p1 send group=g msg=7 class=Safe
            7 p1 deliver id=2.1 group=g msg=7 epoch=2 seq=6 class=Safe hash=aa
            8 p1 crash text=power
            9 p0 view id=1.2 {View(3, 6, "3.1:v:1,1.2:v:1")}
            """);

    [Fact]
    public void I11MayBreakWhenAMajorityLostItsPower()
        => Holds(SafeLost("Safe").Replace("7 p1 crash text=kill", "7 p1 crash text=power\n7 p0 crash text=power\n7 p0 start", StringComparison.Ordinal)
            .Replace("9 p0 view id=1.1", "9 p0 view id=1.2", StringComparison.Ordinal).Replace("1.1:v:1,3.1", "1.2:v:1,3.1", StringComparison.Ordinal));

    [Fact]
    public void I12ADurableMessageSurvivesEverything()
        => Breaks("I12Durability", SafeLost("SafeDurable").Replace("7 p1 crash text=kill", "7 p1 crash text=power", StringComparison.Ordinal));

    [Fact]
    public void AViewThatNobodyLivedToInstallHasItsPlaceToo()
    {
        static string LaterLost(string delivery)
            => SafeLost(delivery).Replace(View(2, 5, "1.1:v:1,3.1:v:1"), View(3, 6, "1.1:v:1,3.1:v:1"), StringComparison.Ordinal);

        Breaks("I12Durability", LaterLost("SafeDurable"));
        Holds(LaterLost("Ordered"));
    }

    [Fact]
    public void I13AnOrderedMessageVanishesOnlyWithWhoDeliveredIt()
    {
        Holds(SafeLost("Ordered"));
        BreaksAmongOthers("I13Optimistic", Good + $"\n8 p0 view id=1.1 {View(2, 5)}");
    }

    [Fact]
    public void I14WhoIsOutHasNoLeaseAnyMore()
    {
        var trace = $"""
            1 p0 start
            1 p1 start
            3 p0 view id=1.1 {View(1, 1)}
            3 p1 view id=2.1 {View(1, 1)}
            5 p1 lease epoch=1 until=900
            800 p0 view id=1.1 {View(2, 5, "1.1:v:1,3.1:v:1")}
            """;
        Breaks("I14PrimaryUniqueness", trace);
        Holds(trace.Replace("until=900", "until=700", StringComparison.Ordinal));
        Holds(trace + "\n1 world expect text=drift");
        Holds(trace.Replace("5 p1 lease epoch=1 until=900", "5 p1 lease epoch=1 until=900\n6 p1 crash text=kill", StringComparison.Ordinal));
    }

    [Fact]
    public void I14WhoIsOutWasTold()
    {
        var trace = $"""
            1 p0 start
            1 p1 start
            3 p0 view id=1.1 {View(1, 1)}
            3 p1 view id=2.1 {View(1, 1)}
            5 p1 lease epoch=1 until=900
            800000000 p0 view id=1.1 {View(2, 5, "1.1:v:1,3.1:v:1")}
            """;
        Breaks("I14PrimaryUniqueness", trace);
        Holds(trace.Replace("800000000 p0", "1000 p1 lost epoch=1\n800000000 p0", StringComparison.Ordinal));
    }

    [Fact]
    public void I16EqualPositionsEqualStates()
        => Breaks("I16CheckpointConsistency", Good.Replace("6 p1 deliver id=1.1 group=g msg=7 epoch=1 seq=5 class=Ordered hash=aa", "6 p1 deliver id=1.1 group=g msg=7 epoch=1 seq=5 class=Ordered hash=ab", StringComparison.Ordinal));

    [Fact]
    public void I16ANewcomersStateIsTheDonors()
    {
        const string made = "\n8 p0 makecheckpoint group=g seq=5 hash=aa\n8 p2 start\n9 p2 loadcheckpoint group=g seq=5 hash=aa";
        Holds(Good + made);
        Breaks("I16CheckpointConsistency", (Good + made).Replace("9 p2 loadcheckpoint group=g seq=5 hash=aa", "9 p2 loadcheckpoint group=g seq=5 hash=ab", StringComparison.Ordinal));
    }

    [Fact]
    public void I16DictionariesAreEqualInTheEnd()
        => Breaks("I16CheckpointConsistency", Good + "\n9 p0 dictionary group=g hash=1\n9 p1 dictionary group=g hash=2");

    [Fact]
    public void I17OneCluster()
        => BreaksAmongOthers("I17ForeignState", Good + $"\n8 p1 view id=2.1 {View(2, 9, cluster: "000000000000000a000000000000000c")}");

    [Fact]
    public void I17AWipedNodeIsAnother()
        => Breaks("I17ForeignState", $"1 p0 start\n3 p0 view id=1.1 {View(1, 1)}\n4 p0 crash text=kill\n4 p0 wipe\n5 p0 start\n6 p0 view id=1.2 {View(2, 5, "1.2:v:1,2.1:v:1")}");

    [Theory]
    [InlineData("5 4 9", false)]
    [InlineData("5 4 3", true)]
    [InlineData("5", false)]
    public void I18AFlushThatIsDoneIsTrue(string held, bool isBroken)
    {
        var trace = Good + $"\n8 p0 command op=Flush group=g token=2 n=2\n9 p0 outcome op=Flush group=g token=2 result=Done text={Uri.EscapeDataString(held)}";
        if (isBroken)
            Breaks("I18Flush", trace);
        else
            Holds(trace);
    }

    [Fact]
    public void I19AQueryHasOneOutcomePerMember()
    {
        const string query = "\n8 p0 command op=Query group=g token=2\n9 p0 outcome op=Query token=2 id=1.1 result=Partial\n9 p0 outcome op=Query token=2 id=2.1 result=NullReply";
        Holds(Good + query + "\n10 p0 outcome op=Query token=2 result=Done n=2");
        Breaks("I19Query", Good + query + "\n10 p0 outcome op=Query token=2 result=Done n=3");
        Breaks("I19Query", Good + query + "\n10 p0 outcome op=Query token=2 id=2.1 result=Partial");
        Breaks("I19Query", Good + query + "\n10 p0 outcome op=Query token=2 result=Done n=2\n11 p0 outcome op=Query token=2 id=3.1 result=Partial");
    }

    [Fact]
    public void I19AQueryDoesNotWaitForWhoHasLeft()
    {
        const string view = "\n8 p0 groupview group=g epoch=1 seq=2 text=0000000000000001.1%200000000000000002.1";
        const string query = "\n8 p0 command op=Query group=g token=2";
        const string left = "\n9 p0 groupview group=g epoch=1 seq=6 text=0000000000000001.1";
        const string late = "\n10 p0 outcome op=Query group=g token=2 id=2.1 result=TimedOut";
        Holds(Good + view + query + late);
        Holds(Good + view + query + left + late.Replace("TimedOut", "NullReply", StringComparison.Ordinal));
        Breaks("I19Query", Good + view + query + left + late);
    }

    [Fact]
    public void I20FencingTokensAreGivenOnce()
        => Breaks("I20Locks", Good + "\n8 p0 command op=Lock text=l token=2\n8 p1 command op=Lock text=l token=2\n9 p0 outcome op=Lock token=2 result=Done n=5\n10 p0 command op=Unlock text=l token=3\n11 p1 outcome op=Lock token=2 result=Done n=5");

    [Fact]
    public void I20TwoHoldersNeverThinkTheyMayAct()
    {
        const string trace = "\n8 p0 lease epoch=1 until=99\n8 p0 command op=Lock text=l token=2\n8 p1 command op=Lock text=l token=2\n9 p0 outcome op=Lock token=2 result=Done n=5\n11 p1 outcome op=Lock token=2 result=Done n=6";
        Breaks("I20Locks", Good + trace);
        Holds((Good + trace).Replace("11 p1", "100 p1", StringComparison.Ordinal));
    }

    private static string Without(string start)
        => string.Join('\n', Good.Split('\n').Where(line => !line.Trim().StartsWith(start, StringComparison.Ordinal)));

    // p1 alone delivers a message and ends; the others go on without it.
    private static string SafeLost(string delivery) => $"""
        1 p0 start
        1 p1 start
        3 p0 view id=1.1 {View(1, 1)}
        3 p1 view id=2.1 {View(1, 1)}
        4 p1 create group=g seq=2
        5 p1 send group=g msg=7 class={delivery}
        6 p1 deliver id=2.1 group=g msg=7 epoch=1 seq=5 class={delivery} hash=aa
        7 p1 crash text=kill
        9 p0 view id=1.1 {View(2, 5, "1.1:v:1,3.1:v:1")}
        """;
}
