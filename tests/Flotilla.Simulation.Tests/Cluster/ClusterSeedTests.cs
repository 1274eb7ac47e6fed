using System.Diagnostics;
using System.Globalization;
using Flotilla.Simulation.Cluster;

namespace Flotilla.Simulation.Tests.Cluster;

/// <summary>Thousands of simulated clusters of database servers. A failing seed: dotnet run --project tests/Flotilla.Simulator -- --cluster --seed N --shrink</summary>
[Collection("seeds")]
public sealed class ClusterSeedTests(ITestOutputHelper output)
{
    private const int SeedsFull = 2000;
    private const int SeedsFast = 16;
    private const int MySqlSeedsFull = 500;
    private const int MySqlSeedsFast = 8;

    // What a test of this kind must have met to be worth anything.
    private static readonly string[] Expected =
    [
        "plan: Start", "plan: Failover", "plan: Switchover", "command: PrimaryDown", "command: TellPromoted", "command: TakeAwayAcker", "command: ForgetElders", "command: Degrade",
        "command: EndDegraded", "command: AbandonPlan", "command: EndOrder", "chosen with a source", "recorded loss", "wiped", "trap: TakeAwayAcker", "trap: TellPromoted", "trap: TellPosition", "action: StartServer", "action: KillServer", "action: MakeReadOnly",
        "action: BecomePrimary", "action: MakeWritable", "action: AllowReplicas", "action: WaitForReplicas", "action: StopReceiver", "action: ApplyRelayLog", "action: Follow", "action: Fetch",
        "action: Compare", "action: SaveErrant", "action: FlashBack", "action: Provision", "action: RunHook", .. Enum.GetNames<ClusterFaultKind>().Select(kind => "fault: " + kind),
    ];

    private static readonly string[] ExpectedOfMySql =
    [
        "plan: Start", "plan: Failover", "plan: Switchover", "command: PrimaryDown", "command: TellPromoted", "command: TakeAwayAcker", "chosen with a source", "mended by a person",
        "action: StartServer", "action: KillServer", "action: MakeReadOnly", "action: BecomePrimary", "action: MakeWritable", "action: AllowReplicas", "action: StopReceiver", "action: ApplyRelayLog", "action: Follow",
        "action: Fetch", "action: Compare",
    ];

    [Fact]
    public void AFewSeedsKeepEveryPromise() => Require(1, SeedsFast);

    [Fact]
    public void AFewSeedsOfMySqlServersKeepEveryPromise() => Require(ClusterParameters.FirstMySqlSeed, MySqlSeedsFast);

    [Fact]
    public void ASeedGivesTheSameRunTwice() => Assert.Equal(ClusterWorld.Run(6).Hash, ClusterWorld.Run(6).Hash);

    [Fact]
    [Trait("tier", "full")]
    public void TwoThousandSeedsKeepEveryPromise()
    {
        var watch = Stopwatch.StartNew();
        var fired = Require(1, SeedsFull);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{SeedsFull} seeds, {watch.ElapsedMilliseconds} ms"));
        foreach (var (what, count) in fired)
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{count,12}  {what}"));
        Assert.Equal("", string.Join(", ", Expected.Where(what => !fired.ContainsKey(what))));
    }

    [Fact]
    [Trait("tier", "full")]
    public void FiveHundredSeedsOfMySqlServersKeepEveryPromise()
    {
        var fired = Require(ClusterParameters.FirstMySqlSeed, MySqlSeedsFull);
        Assert.Equal("", string.Join(", ", ExpectedOfMySql.Where(what => !fired.ContainsKey(what))));
        Assert.DoesNotContain(fired.Keys, what => what is "action: Provision" or "action: FlashBack" or "action: SaveErrant");
    }

    private static SortedDictionary<string, long> Require(ulong first, int count)
    {
        var fired = new SortedDictionary<string, long>(StringComparer.Ordinal);
        var failures = new SortedDictionary<ulong, string>();
        Parallel.For(0, count, new ParallelOptions { MaxDegreeOfParallelism = 2 }, number =>
        {
            var run = ClusterWorld.Run(first + (ulong)number);
            lock (fired)
            {
                foreach (var (what, times) in run.Fired)
                    fired[what] = fired.GetValueOrDefault(what) + times;
                if (run.Violations.Count > 0)
                    failures[run.Seed] = run.Violations[0];
            }
        });
        Assert.True(failures.Count == 0, string.Join(Environment.NewLine, failures.Take(5).Select(failure => $"seed {failure.Key}: {failure.Value}")));
        return fired;
    }
}
