namespace Flotilla.MySql;

/// <summary>
/// Connections to one server, lent out and taken back. Thread-safe. A connection that is lost, or comes back in the middle of a result, is
/// closed and replaced. Disposing the pool closes idle connections at once, and lent ones when they come back.
/// </summary>
public sealed class MySqlPool : IAsyncDisposable
{
    private readonly MySqlOptions _options;
    private readonly MySqlPoolOptions _limits;
    private readonly TimeProvider _time;
    private readonly SemaphoreSlim _free;
    private readonly Lock _lock = new();

    /// <summary>The last to come back is the first to go out, so that those not needed grow old.</summary>
    private readonly List<Idle> _idle = [];

    private readonly CancellationTokenSource _stop = new();
    private readonly Task _sweep;

    public MySqlPool(MySqlOptions options, MySqlPoolOptions? limits = null)
    {
        options.Validate();
        _limits = limits ?? new MySqlPoolOptions();
        _limits.Validate();
        _options = options;
        _time = options.Time;
        _free = new SemaphoreSlim(_limits.MaxSize, _limits.MaxSize);
        _sweep = SweepAsync();
    }

    /// <summary>Connections lent out, or being opened.</summary>
    public int LentCount => _limits.MaxSize - _free.CurrentCount;

    public int IdleCount
    {
        get
        {
            lock (_lock)
                return _idle.Count;
        }
    }

    /// <summary>Lends a connection; opens one if none is idle.</summary>
    /// <exception cref="MySqlTimeoutException">All were lent out for <see cref="MySqlPoolOptions.RentTimeout"/>.</exception>
    public async ValueTask<MySqlLease> RentAsync(CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_stop.IsCancellationRequested, this);
        if (!await _free.WaitAsync(_limits.RentTimeout, cancellationToken))
            throw new MySqlTimeoutException($"all {_limits.MaxSize} connections to {_options.Server} were in use for {_limits.RentTimeout.TotalSeconds:0.###} s (RentTimeout)");
        try
        {
            while (TryTakeIdle(out var idle))
            {
                if (await IsWellAsync(idle, cancellationToken))
                    return new MySqlLease(this, idle.Connection, idle.OpenedAt);
                await idle.Connection.DisposeAsync();
            }

            return new MySqlLease(this, await MySqlConnection.OpenAsync(_options, cancellationToken), _time.GetTimestamp());
        }
        catch
        {
            _free.Release();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _sweep;
        while (TryTakeIdle(out var idle))
            await idle.Connection.DisposeAsync();
    }

    internal async ValueTask TakeBackAsync(MySqlConnection connection, long openedAt)
    {
        try
        {
            if (await CanKeepAsync(connection, openedAt))
            {
                lock (_lock)
                    _idle.Add(new Idle(connection, openedAt, _time.GetTimestamp()));
                if (!_stop.IsCancellationRequested)
                    return;
                lock (_lock)
                    _idle.RemoveAll(idle => idle.Connection == connection);
            }

            if (connection.IsBusy)
                connection.Abort();
            await connection.DisposeAsync();
        }
        finally
        {
            _free.Release();
        }
    }

    private async ValueTask<bool> CanKeepAsync(MySqlConnection connection, long openedAt)
    {
        if (_stop.IsCancellationRequested || !connection.IsOpen || connection.IsBusy || IsOver(openedAt, _limits.MaxAge))
            return false;
        if (!_limits.ResetOnReturn)
            return true;
        try
        {
            await connection.ResetAsync(_stop.Token);
            return true;
        }
        catch (Exception e) when (e is MySqlException or OperationCanceledException)
        {
            return false;
        }
    }

    private async ValueTask<bool> IsWellAsync(Idle idle, CancellationToken cancellationToken)
    {
        if (IsOver(idle.Since, _limits.IdleTimeout) || IsOver(idle.OpenedAt, _limits.MaxAge))
            return false;
        if (_time.GetElapsedTime(idle.Since) < _limits.CheckAfterIdle)
            return true;
        try
        {
            await idle.Connection.PingAsync(cancellationToken);
            return true;
        }
        catch (MySqlException)
        {
            return false;
        }
        catch
        {
            await idle.Connection.DisposeAsync();
            throw;
        }
    }

    private bool TryTakeIdle(out Idle idle)
    {
        lock (_lock)
        {
            idle = default;
            if (_idle.Count == 0)
                return false;
            idle = _idle[^1];
            _idle.RemoveAt(_idle.Count - 1);
            return true;
        }
    }

    /// <summary>Closes what was idle for too long, now and then.</summary>
    private async Task SweepAsync()
    {
        if (_limits.IdleTimeout == Timeout.InfiniteTimeSpan)
            return;
        using var timer = new PeriodicTimer(TimeSpan.FromTicks(Math.Max(_limits.IdleTimeout.Ticks / 2, TimeSpan.TicksPerMillisecond)), _time);
        try
        {
            while (await timer.WaitForNextTickAsync(_stop.Token))
            {
                List<Idle> old;
                lock (_lock)
                {
                    old = _idle.FindAll(idle => IsOver(idle.Since, _limits.IdleTimeout));
                    _idle.RemoveAll(old.Contains);
                }

                foreach (var idle in old)
                    await idle.Connection.DisposeAsync();
            }
        }
        catch (OperationCanceledException)
        {
            // The pool is disposed.
        }
    }

    private bool IsOver(long since, TimeSpan limit) => limit != Timeout.InfiniteTimeSpan && _time.GetElapsedTime(since) > limit;

    private readonly record struct Idle(MySqlConnection Connection, long OpenedAt, long Since);
}
