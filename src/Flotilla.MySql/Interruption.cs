namespace Flotilla.MySql;

/// <summary>One command being killed: who is asked to, and how long it may take to obey.</summary>
internal sealed class Interruption(MySqlConnection victim, bool isTimeout)
{
    /// <summary>A kill that arrives before its statement has begun is forgotten by the server; so it is repeated.</summary>
    private static readonly TimeSpan RepeatAfter = TimeSpan.FromMilliseconds(200);

    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _kill = Task.CompletedTask;

    public bool IsTimeout { get; } = isTimeout;

    public void Start() => _kill = Task.Run(KillAsync);

    /// <summary>The command has ended; returns when the kill has arrived too, so that it cannot strike another.</summary>
    public Task EndAsync()
    {
        _ended.TrySetResult();
        return _kill;
    }

    private async Task KillAsync()
    {
        var patience = victim.Options.KillTimeout;
        try
        {
            var options = victim.Options with
            {
                ConnectTimeout = patience, CommandTimeout = patience, Database = null, LocalInfile = null, Compress = false, MultiStatements = false,
            };
            await using var killer = await MySqlConnection.OpenAsync(options);
            killer.EndsWhenInterrupted = true;
            var time = victim.Options.Time;
            var began = time.GetTimestamp();
            // Without SOFT a commit that waits for its semi-sync acknowledgement, and every other one of its group, would be answered OK though nobody acknowledged it.
            var kill = $"KILL {(killer.IsMariaDb ? "SOFT " : "")}QUERY {victim.ConnectionId}";
            while (patience == Timeout.InfiniteTimeSpan || time.GetElapsedTime(began) < patience)
            {
                await killer.ExecuteAsync(kill);
                if (await HasEndedAsync(RepeatAfter, time))
                    return;
            }
        }
        catch (MySqlException)
        {
            // Not killed. If it has ended meanwhile, nothing is lost.
            if (_ended.Task.IsCompleted)
                return;
        }

        // It cannot be killed, or does not obey: then the connection ends, which ends the wait for it.
        victim.Abort();
    }

    private async Task<bool> HasEndedAsync(TimeSpan within, TimeProvider time)
    {
        try
        {
            await _ended.Task.WaitAsync(within, time);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }
}
