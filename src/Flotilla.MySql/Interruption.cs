namespace Flotilla.MySql;

/// <summary>One command being killed: who is asked to, and how long it may take to obey.</summary>
internal sealed class Interruption(MySqlConnection victim, bool isTimeout)
{
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
            await killer.ExecuteAsync($"KILL QUERY {victim.ConnectionId}");
            await _ended.Task.WaitAsync(patience, victim.Options.Time);
        }
        catch (Exception e) when (e is MySqlException or TimeoutException or IOException or OperationCanceledException)
        {
            // Not killed, or it does not obey: then the connection ends, which ends the wait for it.
            victim.Abort();
        }
    }
}
