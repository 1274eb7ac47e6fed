using Flotilla.Guard.Tests.Support;
using Flotilla.TestSupport;

namespace Flotilla.Guard.Tests;

/// <summary>Nothing that waits for a deadline allocates, so no collection ever stands in its way. A loop in this process changes its signals and its mask: alone.</summary>
[CollectionDefinition(nameof(AllocationTests), DisableParallelization = true)]
[Collection(nameof(AllocationTests))]
public sealed class AllocationTests
{
    [Fact]
    public void AGuardAllocatesAndCompilesNothingWhateverItIsAsked()
    {
        var folder = Directory.CreateTempSubdirectory("flotilla-guard-").FullName;
        try
        {
            var options = new GuardOptions { Folder = folder, Command = ["/bin/sleep", "100"] };
            GuardCommand.Prepare();
            var log = Libc.Open(options.EffectiveLogPath, Libc.Create | Libc.WriteOnly | Libc.Append, Libc.OwnerOnly);
            using var loop = new GuardLoop(options, Libc.Listen(options.EffectiveSocketPath, 1), new GuardLog(log), GuardFlags.None);
            using var peer = new Life(loop, options);
            peer.Live();
            Assert.Equal(0, peer.Compiled);
            Assert.Equal(0, Allocations.Smallest(peer.Live));
            Assert.Equal(Allocations.Rounds + 1, peer.Lives);
            Libc.Close(log);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task ANodeExtendsALeaseWithoutAllocating()
    {
        await using var guard = new TestGuard("/bin/sleep", "100");
        var client = await guard.ConnectAsync();
        await guard.StartAsync(client);

        Assert.Equal(0, Allocations.Smallest(() =>
        {
            for (var i = 0; i < 20; i++)
                Assert.True(client.Lease(1, TestGuard.After(20)));
        }));
        await Deadline.UntilAsync(() => client.State.DeadlineNs > TestGuard.After(15), "the lease is confirmed");
    }
}
