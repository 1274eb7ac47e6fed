namespace Flotilla.Sandbox.Tests;

/// <summary>A lock is held once, waited for, and leaves no file.</summary>
public sealed class FolderLockTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("flotilla-lock-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task ALockIsHeldOnceAndWaitedFor()
    {
        var path = Path.Combine(_folder, "locks", "one");
        var first = FolderLock.Try(path);
        Assert.NotNull(first);
        Assert.Null(FolderLock.Try(path));
        Assert.True(FolderLock.IsHeld(path));
        var waiting = FolderLock.TakeAsync(path, CancellationToken.None);
        Assert.False(waiting.IsCompleted);
        first.Dispose();
        (await waiting.WaitAsync(TestSupport.Deadline.Default)).Dispose();
        Assert.False(FolderLock.IsHeld(path));
        Assert.False(File.Exists(path));
    }

    [Fact]
    public async Task ManyWhoTakeTurnsNeverMeet()
    {
        var path = Path.Combine(_folder, "one");
        var (inside, met) = (0, false);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            for (var turn = 0; turn < 20; turn++)
            {
                using var ours = await FolderLock.TakeAsync(path, CancellationToken.None);
                met |= Interlocked.Increment(ref inside) != 1;
                await Task.Yield();
                Interlocked.Decrement(ref inside);
            }
        })));
        Assert.False(met);
    }

    [Fact]
    public async Task WaitingCanBeCancelled()
    {
        using var held = FolderLock.Try(Path.Combine(_folder, "one"));
        using var cancel = new CancellationTokenSource();
        var waiting = FolderLock.TakeAsync(Path.Combine(_folder, "one"), cancel.Token);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
    }
}
