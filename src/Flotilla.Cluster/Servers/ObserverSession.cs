using Flotilla.MySql;

namespace Flotilla.Cluster.Servers;

/// <summary>
/// A session that is kept from one question to the next and opened again when it was lost. Whoever asks has the answer, or the error, when the deadline passes; what is then
/// still under way is killed behind their back, and nothing more is asked before that is over. One caller at a time.
/// </summary>
internal sealed class ObserverSession(MySqlOptions options, string? setUp, TimeProvider time) : IAsyncDisposable
{
    private MySqlConnection? _connection;
    private Task _last = Task.CompletedTask;

    /// <exception cref="MySqlException">As the session throws.</exception>
    /// <exception cref="TimeoutException">Not in time.</exception>
    public async Task<T> AskAsync<T>(TimeSpan within, Func<MySqlConnection, CancellationToken, Task<T>> ask, CancellationToken cancellationToken)
    {
        var start = time.GetTimestamp();
        await _last.ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default)
            .WaitAsync(within, time, cancellationToken);
        var left = within - time.GetElapsedTime(start);
        if (left <= TimeSpan.Zero)
            throw new TimeoutException();
        var work = WorkAsync(left, ask, cancellationToken);
        _last = work;
        return await work.WaitAsync(left, time, cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        if (_connection is { } connection)
            await connection.DisposeAsync();
    }

    private async Task<T> WorkAsync<T>(TimeSpan within, Func<MySqlConnection, CancellationToken, Task<T>> ask, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(within, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            if (_connection is { IsOpen: true } kept)
            {
                try
                {
                    return await ask(kept, both.Token);
                }
                catch (MySqlConnectionLostException)
                {
                    // It was lost at any time since the last question, and tells nothing of the server now.
                }
            }

            _connection = await MySqlConnection.OpenAsync(options with { ConnectTimeout = within, KillTimeout = within, Time = time }, both.Token);
            await SessionSettings.ApplyAsync(_connection, both.Token);
            if (setUp is not null)
                await _connection.ExecuteAsync(setUp, both.Token);
            return await ask(_connection, both.Token);
        }
        catch (Exception failure) when (failure is not MySqlServerException)
        {
            if (_connection is { } broken)
            {
                _connection = null;
                await broken.DisposeAsync();
            }

            if (failure is OperationCanceledException && limit.IsCancellationRequested)
                throw new TimeoutException("the deadline passed", failure);
            throw;
        }
    }
}
