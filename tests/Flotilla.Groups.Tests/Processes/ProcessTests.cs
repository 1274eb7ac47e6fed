using Flotilla.Simulation.Groups;

namespace Flotilla.Groups.Tests.Processes;

/// <summary>Real processes, in network namespaces: what they write down is held against the same promises as the simulator's runs.</summary>
[Trait("tier", "full")]
public sealed class ProcessTests
{
    private const int SoonMs = 1_000;
    private const int LateMs = 2_000;

    private static readonly TimeSpan LongerThanSuspicion = TimeSpan.FromMilliseconds(1.5 * LateMs);

    [Fact]
    public async Task AKilledSequencerIsReplacedAndItsProcessReturns()
    {
        await using var cluster = await ProcessCluster.StartAsync(SoonMs);
        var sequencer = cluster.Sequencer();
        var others = Enumerable.Range(0, ProcessCluster.Nodes).Where(node => node != sequencer).ToArray();
        await cluster.KillAsync(sequencer);
        await cluster.TogetherAsync(others);
        cluster.StartNode(sequencer);
        await cluster.TogetherAsync(0, 1, 2);
        await cluster.CheckAsync();
    }

    [Fact]
    public async Task AStoppedProcessIsReplacedAndReturnsAsAnotherLife()
    {
        await using var cluster = await ProcessCluster.StartAsync(SoonMs);
        var sequencer = cluster.Sequencer();
        var others = Enumerable.Range(0, ProcessCluster.Nodes).Where(node => node != sequencer).ToArray();
        cluster.Pause(sequencer);
        await cluster.TogetherAsync(others);
        cluster.Resume(sequencer);
        await cluster.TogetherAsync(0, 1, 2);
        Assert.True(cluster.Has(sequencer, TraceKind.Lost));
        Assert.True(cluster.Has(sequencer, TraceKind.Evicted));
        await cluster.CheckAsync();
    }

    [Fact]
    public async Task ACutLinkRemovesNobody()
    {
        await using var cluster = await ProcessCluster.StartAsync(LateMs);
        var epoch = await cluster.EpochAsync();
        cluster.ExpectCalm();
        var sequencer = cluster.Sequencer();
        var other = (sequencer + 1) % ProcessCluster.Nodes;
        cluster.Cut(sequencer, other);
        await cluster.GoOnAsync(LongerThanSuspicion, 0, 1, 2);
        cluster.Mend(sequencer, other);
        Assert.Equal(epoch, await cluster.EpochAsync());
        await cluster.CheckAsync();
    }

    [Fact]
    public async Task AnIsolatedProcessLosesItsLeaseAndReturns()
    {
        await using var cluster = await ProcessCluster.StartAsync(SoonMs);
        cluster.Cut(0, 1);
        cluster.Cut(0, 2);
        await cluster.TogetherAsync(1, 2);
        await cluster.UntilAsync(_ => cluster.Has(0, TraceKind.Lost), "the isolated process is told");
        cluster.Mend(0, 1);
        cluster.Mend(0, 2);
        await cluster.TogetherAsync(0, 1, 2);
        await cluster.CheckAsync();
    }

    [Fact]
    public async Task OneDirectionCutRemovesNobody()
    {
        await using var cluster = await ProcessCluster.StartAsync(LateMs, isProxied: true);
        var epoch = await cluster.EpochAsync();
        cluster.ExpectCalm();
        var sequencer = cluster.Sequencer();
        var other = (sequencer + 1) % ProcessCluster.Nodes;
        await cluster.CutOneWayAsync(sequencer, other);
        await cluster.GoOnAsync(LongerThanSuspicion, 0, 1, 2);
        await cluster.CutOneWayAsync(sequencer, other, isCut: false);
        await cluster.CutOneWayAsync(other, sequencer);
        await cluster.GoOnAsync(LongerThanSuspicion, 0, 1, 2);
        await cluster.CutOneWayAsync(other, sequencer, isCut: false);
        Assert.Equal(epoch, await cluster.EpochAsync());
        await cluster.CheckAsync();
    }
}
