using Flotilla.Simulation;

namespace Flotilla.JobServer.Tests.Stores;

/// <summary>The power fails at every operation and every byte: no acknowledged record is lost, none is invented, order is kept.</summary>
public sealed class FileJobStoreCrashTests
{
    private static readonly CrashPolicy[] Policies = [CrashPolicy.LoseAll, CrashPolicy.KeepAll, CrashPolicy.Random, CrashPolicy.Random];

    [Fact]
    public async Task TheScriptBeginsSegmentsAndCleansThem()
    {
        var run = new StoreRun(seed: 1);
        Assert.True(await run.TryRunScriptAsync());
        var names = run.Disk.Names.Where(name => name.EndsWith(".jobs", StringComparison.Ordinal)).ToList();
        Assert.DoesNotContain("0000000001.jobs", names);
        Assert.True(names.Count > 1);
        Assert.Empty(run.Warnings);
    }

    [Fact]
    public async Task EqualSeedsGiveEqualRuns()
    {
        var (first, second) = (new StoreRun(seed: 5), new StoreRun(seed: 5));
        await first.TryRunScriptAsync();
        await second.TryRunScriptAsync();
        Assert.Equal(first.Model.Image(), second.Model.Image());
        Assert.Equal(first.Disk.Operations, second.Disk.Operations);
    }

    [Fact]
    public async Task NothingIsLostOrInventedWhenThePowerFailsAtAnyOperation() => await CrashAtEveryOperationAsync(seed: 1);

    [Theory]
    [Trait("tier", "full")]
    [InlineData(2u)]
    [InlineData(3u)]
    [InlineData(4u)]
    [InlineData(5u)]
    [InlineData(6u)]
    public async Task NothingIsLostOrInventedWhenThePowerFailsAtAnyOperationOf(uint seed) => await CrashAtEveryOperationAsync(seed);

    [Fact]
    public async Task NothingIsLostOrInventedWhenThePowerFailsAtAnyByteOfTheLastWrites()
        => await CrashAtEveryByteAsync(seed: 1, operationsFromEnd: 24);

    [Fact]
    [Trait("tier", "full")]
    public async Task NothingIsLostOrInventedWhenThePowerFailsAtAnyByte() => await CrashAtEveryByteAsync(seed: 7, operationsFromEnd: int.MaxValue);

    [Fact]
    public async Task NothingIsLostOrInventedInRandomLives()
    {
        for (var seed = 1u; seed <= 60; seed++)
            await LiveAsync(seed);
    }

    [Fact]
    [Trait("tier", "full")]
    public async Task NothingIsLostOrInventedInThousandsOfRandomLives()
    {
        for (var seed = 1_000u; seed < 4_000; seed++)
            await LiveAsync(seed);
    }

    private static async Task CrashAtEveryOperationAsync(uint seed)
    {
        var operations = await OperationsAsync(seed);
        for (var operation = 0L; operation < operations; operation++)
        {
            foreach (var (policy, index) in Policies.Select((policy, index) => (policy, index)))
            {
                var run = new StoreRun(seed);
                run.Disk.FailAt(operation, DiskFault.Crash, crashBytes: index == 3 ? 40 : 0);
                Assert.False(await run.TryRunScriptAsync());
                await run.RecoverAsync(policy);
            }
        }
    }

    private static async Task CrashAtEveryByteAsync(uint seed, int operationsFromEnd)
    {
        var operations = await OperationsAsync(seed);
        for (var operation = Math.Max(0, operations - operationsFromEnd); operation < operations; operation++)
        {
            var isWrite = true;
            for (var bytes = 0; isWrite; bytes++)
            {
                var run = new StoreRun(seed);
                run.Disk.FailAt(operation, DiskFault.Crash, bytes);
                Assert.False(await run.TryRunScriptAsync());
                isWrite = run.Disk.LastCrashWasWithinWrite;
                await run.RecoverAsync(Policies[bytes % Policies.Length]);
            }
        }
    }

    private static async Task<long> OperationsAsync(uint seed)
    {
        var run = new StoreRun(seed);
        Assert.True(await run.TryRunScriptAsync());
        return run.Disk.Operations;
    }

    /// <summary>Openings, commits, orderly ends, kills, crashes and failing operations, in an order drawn from the seed.</summary>
    private static async Task LiveAsync(uint seed)
    {
        var run = new StoreRun(seed);
        var random = new World(seed).Source("lives");
        await run.OpenAsync();
        for (var life = 0; life < 12; life++)
        {
            await run.CommitAsync(random.Next(12), recordsMax: 1 + random.Next(20));
            if (random.OneIn(3))
                run.Disk.FailAt(run.Disk.Operations + random.Next(6), random.OneIn(2) ? DiskFault.Error : DiskFault.NoSpace);
            await run.CommitAsync(random.Next(4));
            switch (random.Next(4))
            {
                case 0:
                    run.Disk.Heal();
                    await run.CloseAsync();
                    break;
                case 1:
                    run.Disk.KillProcess();
                    break;
                case 2:
                    run.Disk.Crash(CrashPolicy.Random);
                    break;
                default:
                    run.Disk.FailAt(run.Disk.Operations + random.Next(10), DiskFault.Crash, random.Next(300));
                    await CrashSomewhereAsync(run);
                    break;
            }

            await run.OpenAsync();
        }
    }

    private static async Task CrashSomewhereAsync(StoreRun run)
    {
        try
        {
            await run.CommitAsync(10);
        }
        catch (SimulatedCrashException)
        {
            // Where it was planned; when no operation came that far it fails in between.
        }

        run.Disk.Crash(CrashPolicy.Random);
    }
}
