namespace Flotilla.Groups;

/// <summary>A lock that is held. Dispose it to give it back.</summary>
public sealed class GroupLock : IAsyncDisposable
{
    private readonly GroupLocks _locks;
    private readonly CancellationTokenSource _lost = new();
    private int _isReleased;

    internal GroupLock(GroupLocks locks, string name, ulong token)
    {
        (_locks, Name, Token) = (locks, name, token);
        Lost = _lost.Token;
    }

    public string Name { get; }

    /// <summary>The fencing token: greater than every one given for this lock before. Give it to whatever the lock guards, which refuses smaller ones.</summary>
    public ulong Token { get; }

    /// <summary>Cancelled when the lock may not be relied on any more: this node may not act for its view, was evicted, or gave it back.</summary>
    public CancellationToken Lost { get; }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isReleased, 1) == 0)
            await _locks.ReleaseAsync(this).ConfigureAwait(false);
    }

    internal void Lose() => _lost.Cancel();
}
