using Flotilla.Simulation;

namespace Flotilla.JobServer.Tests.Simulation;

/// <summary>
/// The job machine, the file store and a disk that forgets, through several lives that end with a power failure: no acknowledged job is
/// lost, none is invented, none that ended for good runs again, handles never repeat, order is kept.
/// </summary>
public sealed class DurableServerTests
{
    private const int Lives = 5;

    [Fact]
    public async Task NoAcknowledgedJobIsLostAndNoneIsInventedOverPowerFailures()
    {
        for (var seed = 1u; seed <= 25; seed++)
            await new History(seed, withFaults: false).RunAsync();
    }

    [Fact]
    public async Task NoAcknowledgedJobIsLostWhenTheDiskFailsAndFillsUpToo()
    {
        for (var seed = 1u; seed <= 25; seed++)
            await new History(seed, withFaults: true).RunAsync();
    }

    [Theory]
    [Trait("tier", "full")]
    [InlineData(false)]
    [InlineData(true)]
    public async Task NoAcknowledgedJobIsLostInHundredsOfHistories(bool withFaults)
    {
        for (var seed = 1_000u; seed < 1_200; seed++)
            await new History(seed, withFaults).RunAsync();
    }

    [Fact]
    public async Task EqualSeedsGiveEqualHistories()
    {
        Assert.Equal(await new History(7, withFaults: true).RunAsync(), await new History(7, withFaults: true).RunAsync());
        Assert.NotEqual(await new History(7, withFaults: true).RunAsync(), await new History(8, withFaults: true).RunAsync());
    }

    private sealed class History(uint seed, bool withFaults)
    {
        private readonly World _world = new(seed);
        private readonly JobBook _book = new();

        /// <summary>Returns the world's trace.</summary>
        public async Task<ulong> RunAsync()
        {
            var random = _world.Source("history");
            var disk = _world.Disk("jobs");
            for (var life = 0; life < Lives; life++)
            {
                disk.CapacityBytes = withFaults && random.OneIn(3) ? disk.UsedBytes + 20_000 : long.MaxValue;
                disk.FailAt(disk.Operations + random.Next(400), DiskFault.Crash, random.Next(2_000));
                if (withFaults && random.OneIn(2))
                    disk.FailAt(disk.Operations + random.Next(200), random.OneIn(2) ? DiskFault.Error : DiskFault.NoSpace);
                await LiveAsync(disk);
                disk.Crash(random.OneIn(4) ? CrashPolicy.LoseAll : CrashPolicy.Random);
                _world.Scheduler.Clear();
            }

            disk.CapacityBytes = long.MaxValue;
            await FinishAsync(disk);
            Assert.True(_book.Acknowledged > 20, $"seed {seed}: only {_book.Acknowledged} jobs were acknowledged");
            return _world.Trace;
        }

        /// <summary>From an opening to the end of the power, or of patience.</summary>
        private async Task LiveAsync(SimulatedDisk disk)
        {
            var server = new SimulatedServer(_world, disk);
            try
            {
                await server.OpenAsync();
                for (var i = 0; i < 3; i++)
                    _ = new SimulatedClient(_world, server, _book, _world.Source($"client {i} {disk.Lives}"));
                for (var i = 0; i < 2; i++)
                    _ = new SimulatedWorker(_world, server, _book, _world.Source($"worker {i} {disk.Lives}"), isSteady: false);
                var end = _world.Clock.NowMs + 2_000;
                while (_world.Clock.NowMs < end)
                    Assert.True(server.RunNext());
            }
            catch (SimulatedCrashException)
            {
                // The power failed where it was planned.
            }
            catch (JobStoreException)
            {
                // The disk failed during the opening: the process ends, the next one finds what there is.
            }

            if (server.Store.HasUncertainTail)
                _book.ForgiveRefused();
        }

        /// <summary>One steady worker and no more submits: in the end everything is done and nothing is left.</summary>
        private async Task FinishAsync(SimulatedDisk disk)
        {
            var server = new SimulatedServer(_world, disk);
            await server.OpenAsync();
            var worker = new SimulatedWorker(_world, server, _book, _world.Source("last worker"), isSteady: true);
            var end = _world.Clock.NowMs + 600_000;
            while (server.Jobs > 0 && _world.Clock.NowMs < end)
                Assert.True(server.RunNext());
            Assert.Equal(0, server.Jobs);
            _book.RequireAllDone();
            while (server.Store.Status.Jobs > 0 && server.RunNext())
                Assert.True(_world.Clock.NowMs < end);
            Assert.Equal(0, server.Store.Status.Jobs);
            await server.Store.DisposeAsync();
            Assert.Equal(worker.FirstTimes.Order(), worker.FirstTimes);
        }
    }
}
