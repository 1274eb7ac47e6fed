namespace Flotilla.MySql;

/// <summary>A connection lent by a <see cref="MySqlPool"/>; goes back on dispose, whatever state it is in.</summary>
public sealed class MySqlLease : IAsyncDisposable
{
    private readonly MySqlPool _pool;
    private readonly long _openedAt;
    private int _isBack;

    internal MySqlLease(MySqlPool pool, MySqlConnection connection, long openedAt)
    {
        _pool = pool;
        _openedAt = openedAt;
        Connection = connection;
    }

    /// <summary>Not to be used after the lease was disposed.</summary>
    public MySqlConnection Connection { get; }

    public ValueTask DisposeAsync()
        => Interlocked.Exchange(ref _isBack, 1) == 0 ? _pool.TakeBackAsync(Connection, _openedAt) : default;
}
