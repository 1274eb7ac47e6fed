using static Flotilla.Simulation.Tests.Groups.TraceText;

namespace Flotilla.Simulation.Tests.Groups;

/// <summary>I15, as strict as Paxos: one ballot, exactly the installed value, both majorities, nobody below its promise.</summary>
public sealed class QuorumCheckerTests
{
    private const string Name = "I15QuorumIntersection";

    private static readonly string Founded = $"""
        1 p0 start
        1 p1 start
        1 p2 start
        {Accepted(1, "1.1.1", View(1, 1))}
        {Accepted(2, "1.1.1", View(1, 1))}
        {Accepted(3, "1.1.1", View(1, 1))}
        3 p0 view id=1.1 {View(1, 1)}

        """;

    private static readonly string Installed = $"9 p0 view id=1.1 {View(2, 5)}";

    [Fact]
    public void AMajorityOfOneBallotIsEnough()
        => Holds(Founded + Lines(Accepted(1, "2.1.1"), Accepted(3, "2.1.1"), Installed));

    [Fact]
    public void AMinorityIsNot()
        => Breaks(Name, Founded + Lines(Accepted(1, "2.1.1"), Installed));

    [Fact]
    public void AFirstViewNeedsAllItsMembers()
        => Breaks(Name, Founded.Replace(Accepted(3, "1.1.1", View(1, 1)), "", StringComparison.Ordinal));

    [Fact]
    public void TwoBallotsAreNotAddedUp()
        => Breaks(Name, Founded + Lines(Accepted(1, "2.1.1"), Accepted(3, "2.2.3"), Installed));

    [Fact]
    public void AnotherValueOfTheEpochIsNotTheInstalledOne()
        => Breaks(Name, Founded + Lines(Accepted(1, "2.1.1", hash: "b"), Accepted(3, "2.1.1", hash: "b"), Installed));

    [Fact]
    public void WhatIsAcceptedAfterwardsCameTooLate()
        => Breaks(Name, Founded + Lines(Accepted(1, "2.1.1"), Installed, Accepted(3, "2.1.1").Replace("7 p2", "10 p2", StringComparison.Ordinal)));

    [Fact]
    public void TheVotersBeforeMustAcceptToo()
    {
        var alone = View(2, 5, "1.1:v:1,2.1:l:1,3.1:l:1");
        Breaks(Name, Founded + Lines(Accepted(1, "2.1.1", alone), $"9 p0 view id=1.1 {alone}"));
        Holds(Founded + Lines(Accepted(1, "2.1.1", alone), Accepted(2, "2.1.1", alone), $"9 p0 view id=1.1 {alone}"));
    }

    [Fact]
    public void TheVotersOfTheViewItselfMustAcceptToo()
    {
        var heavier = View(2, 5, "1.1:v:1,2.1:v:1,3.1:v:5");
        Breaks(Name, Founded + Lines(Accepted(1, "2.1.1", heavier), Accepted(2, "2.1.1", heavier), $"9 p0 view id=1.1 {heavier}"));
    }

    [Fact]
    public void AViewThatNobodyInstalledHasItsVotersToo()
    {
        var heavier = View(2, 5, "1.1:v:1,2.1:v:1,3.1:v:5");
        var between = Lines(Accepted(1, "2.1.1", heavier), Accepted(3, "2.1.1", heavier));
        var next = View(3, 9);
        Breaks(Name, Founded + Lines(between, Accepted(1, "3.1.1", next), Accepted(2, "3.1.1", next), $"9 p0 view id=1.1 {next}"));
        Holds(Founded + Lines(between, Accepted(1, "3.1.1", next), Accepted(3, "3.1.1", next), $"9 p0 view id=1.1 {next}"));
    }

    [Fact]
    public void AViewAfterOneThatWasNotDecidedIsNotDecided()
        => Breaks(Name, Founded + Lines(Accepted(1, "3.1.1", View(3, 9)), Accepted(2, "3.1.1", View(3, 9)), $"9 p0 view id=1.1 {View(3, 9)}"));

    [Fact]
    public void AnEpochIsDecidedOnceEvenIfNobodyInstallsIt()
        => Breaks(Name, Founded + Lines(Accepted(1, "2.1.1"), Accepted(2, "2.1.1"), Accepted(2, "2.2.3", hash: "b"), Accepted(3, "2.2.3", hash: "b")));

    [Fact]
    public void ABallotHasOneValue()
        => Breaks(Name, Founded + Lines(Accepted(1, "2.1.1"), Accepted(2, "2.1.1", hash: "b")));

    [Fact]
    public void NobodyAcceptsBelowItsPromise()
    {
        Breaks(Name, Founded + Lines("4 p1 promised id=2.1 ballot=2.2.3", Accepted(2, "2.1.1")));
        Breaks(Name, Founded + Lines("4 p1 promised id=2.1 ballot=2.2.3", "4 p1 crash text=kill", "5 p1 start", "5 p1 promised id=2.2 ballot=2.2.3 replay=1", Accepted(2, "2.1.1")));
        Holds(Founded + Lines("4 p1 promised id=2.1 ballot=2.2.3", Accepted(2, "2.2.3")));
    }

    [Fact]
    public void NobodyPromisesBelowItsPromiseNorTwice()
    {
        Breaks(Name, Founded + Lines("4 p1 promised id=2.1 ballot=2.2.3", "5 p1 promised id=2.1 ballot=2.1.1"));
        Breaks(Name, Founded + Lines("4 p1 promised id=2.1 ballot=2.2.3", "5 p1 promised id=2.1 ballot=2.2.3"));
    }

    [Fact]
    public void WhatIsReadBackIsNoStepBackAndCounts()
        => Holds(Founded + Lines(
            "4 p0 promised id=1.1 ballot=2.1.1", "4 p0 promised id=1.1 ballot=2.2.1", Accepted(3, "2.2.1"), "5 p0 crash text=kill", "6 p0 start",
            "6 p0 promised id=1.2 ballot=2.1.1 replay=1", "6 p0 promised id=1.2 ballot=2.2.1 replay=1", Accepted(1, "2.2.1") + " replay=1", $"9 p2 view id=3.1 {View(2, 5)}"));

    [Fact]
    public void HalfIsEnoughForWhomItWasGrantedOnly()
    {
        const string two = "1.1:v:1,2.1:v:1";
        var founded = Lines("1 p0 start", Accepted(1, "1.1.1", View(1, 1, two)), Accepted(2, "1.1.1", View(1, 1, two)), $"3 p0 view id=1.1 {View(1, 1, two)}");
        var alone = View(2, 5, "1.1:v:1");
        var half = Lines(founded, Accepted(1, "2.1.1", alone));
        Breaks(Name, Lines(half, $"9 p0 view id=1.1 {alone}"));
        Breaks(Name, Lines(half, "5 p1 granted id=2.1 epoch=2", $"9 p0 view id=1.1 {alone}"));
        Breaks(Name, Lines(half, "5 p0 granted id=1.1 epoch=3", $"9 p0 view id=1.1 {alone}"));
        Holds(Lines(half, "5 p0 granted id=1.1 epoch=2", $"9 p0 view id=1.1 {alone}"));
        Holds(Lines(founded, "4 p0 granted id=1.1 epoch=2", Accepted(1, "2.1.1", alone), $"9 p0 view id=1.1 {alone}"));
    }

    [Fact]
    public void AForcedViewNeedsNoVotesTheNextOneItsOwn()
    {
        var alone = InAnotherCluster(View(4, 5, "1.1:v:1"));
        var forced = Founded + Lines("4 p0 forced", $"5 p0 view id=1.1 {alone}");
        var next = InAnotherCluster(View(5, 9, "1.1:v:1,2.1:v:1"));
        Holds(forced);
        Holds(Lines(forced, Accepted(1, "5.1.1", next), Accepted(2, "5.1.1", next), $"9 p0 view id=1.1 {next}"));
        Breaks(Name, Lines(forced, Accepted(2, "5.1.1", next), $"9 p0 view id=1.1 {next}"));
    }

    [Fact]
    public void ATraceThatDoesNotTellWhatIsAcceptedIsNotJudged()
        => Holds(Lines("1 p0 start", $"3 p0 view id=1.1 {View(1, 1)}"));

    private static string InAnotherCluster(string view) => view.Replace("000000000000000b", "000000000000000c", StringComparison.Ordinal);

    private static string Lines(params string[] lines) => string.Join('\n', lines);

    private static string Accepted(int node, string ballot, string? view = null, string hash = "")
        => $"{(ballot[0] == '1' ? 2 : 7)} p{node - 1} accepted id={node}.1 ballot={ballot} {view ?? View(2, 5)}{(hash.Length > 0 ? $" hash={hash}" : "")}";
}
