using Flotilla.TestSupport;

namespace Flotilla.Groups.Tests.Api;

public sealed class LockTests
{
    [Fact]
    public async Task ALockIsHeldByOneAtATimeUnderGrowingTokens()
    {
        await using var cluster = await Cluster.StartAsync(2);
        var inside = 0;
        List<ulong> tokens = [];
        await Task.WhenAll(Enumerable.Range(0, 20).Select(async turn =>
        {
            await using var held = await cluster[turn % 2].Locks.AcquireAsync("l").WaitAsync(Deadline.Default);
            Assert.Equal(1, Interlocked.Increment(ref inside));
            await Task.Yield();
            tokens.Add(held.Token);
            Assert.Equal(0, Interlocked.Decrement(ref inside));
        }));
        Assert.Equal(tokens.Order().Distinct(), tokens);
    }

    [Fact]
    public async Task TryingAndWaitingInVainGetNothing()
    {
        await using var cluster = await Cluster.StartAsync(2);
        var held = await cluster[0].Locks.AcquireAsync("l").WaitAsync(Deadline.Default);
        Assert.Null(await cluster[1].Locks.TryAcquireAsync("l").WaitAsync(Deadline.Default));
        var error = await Assert.ThrowsAsync<GroupException>(() => cluster[1].Locks.AcquireAsync("l", TimeSpan.FromMilliseconds(100)));
        Assert.Equal(GroupError.TimedOut, error.Error);
        await held.DisposeAsync();
        Assert.True(held.Lost.IsCancellationRequested);
        await using var next = await cluster[1].Locks.TryAcquireAsync("l").WaitAsync(Deadline.Default);
        Assert.NotNull(next);
    }

    [Fact]
    public async Task WhoeverGivesUpWaitingDoesNotGetItLater()
    {
        await using var cluster = await Cluster.StartAsync(1);
        var held = await cluster[0].Locks.AcquireAsync("l").WaitAsync(Deadline.Default);
        using var patience = new CancellationTokenSource();
        var waiting = cluster[0].Locks.AcquireAsync("l", cancellation: patience.Token);
        await patience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        await held.DisposeAsync();
        await using var next = await cluster[0].Locks.AcquireAsync("l").WaitAsync(Deadline.Default);
        Assert.True(next.Token > held.Token);
    }

    [Fact]
    public async Task ADeadHoldersLockPassesOn()
    {
        await using var cluster = await Cluster.StartAsync(3);
        var held = await cluster[2].Locks.AcquireAsync("l").WaitAsync(Deadline.Default);
        var next = cluster[0].Locks.AcquireAsync("l");
        await cluster[2].KillAsync();
        Assert.True(held.Lost.IsCancellationRequested);
        await using var taken = await next.WaitAsync(Deadline.Default);
        Assert.True(taken.Token > held.Token);
    }
}
