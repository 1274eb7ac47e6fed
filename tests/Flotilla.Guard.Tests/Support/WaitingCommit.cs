using Flotilla.MySql;
using Flotilla.TestSupport;
using Flotilla.TestSupport.Databases;

namespace Flotilla.Guard.Tests.Support;

/// <summary>A guarded MariaDB with one row, and a commit of a second that waits for a replica which never comes.</summary>
internal sealed class WaitingCommit : IAsyncDisposable
{
    private readonly TestGuard _guard;
    private MySqlConnection? _committing;

    private WaitingCommit(TestGuard guard, GuardClient client)
    {
        _guard = guard;
        Guard = client;
    }

    public GuardClient Guard { get; }

    public Task<MySqlOk> Commit { get; private set; } = null!;

    public uint CommitConnection => _committing!.ConnectionId;

    public string LogPath => Path.Combine(_guard.Options.Folder, "log.err");

    /// <summary>How it ended before it was started again.</summary>
    public GuardState LastEnd { get; private set; }

    private string SocketPath => Path.Combine(_guard.Options.Folder, "sock");

    public static async Task<WaitingCommit> StartAsync(IEnumerable<string> arguments)
    {
        var guard = new TestGuard();
        var folder = guard.Options.Folder;
        await DatabaseTemplate.CopyToAsync(DatabaseKind.MariaDb, Directory.CreateDirectory(Path.Combine(folder, "data")).FullName);
        guard.Options = guard.Options with
        {
            Command =
            [
                DatabaseTemplate.Program(DatabaseKind.MariaDb), .. DatabaseTemplate.CommonArguments(DatabaseKind.MariaDb), "--datadir=" + Path.Combine(folder, "data"),
                "--socket=" + Path.Combine(folder, "sock"), "--pid-file=" + Path.Combine(folder, "pid"), "--log-error=" + Path.Combine(folder, "log.err"), "--skip-networking",
                "--log-bin=binlog", "--server-id=1", "--gtid-strict-mode=1", "--sync-binlog=1", "--performance-schema=OFF", "--innodb-flush-log-at-trx-commit=1",
            ],
        };
        var server = new WaitingCommit(guard, await guard.ConnectAsync());
        try
        {
            await server.BeginAsync([]);
            await using (var setup = await server.OpenAsync())
            {
                await setup.ExecuteAsync("CREATE DATABASE d");
                await setup.ExecuteAsync("CREATE TABLE d.t (a INT PRIMARY KEY) ENGINE=InnoDB");
                await setup.ExecuteAsync("INSERT INTO d.t VALUES (1)");
            }

            await server.Guard.StopAsync(TimeSpan.FromMinutes(1));
            await server.RestartAsync(arguments);
            server._committing = await server.OpenAsync(TimeSpan.FromMinutes(2));
            server.Commit = server._committing.ExecuteAsync("INSERT INTO d.t VALUES (2)").AsTask();
            await using var look = await server.OpenAsync();
            await Deadline.UntilAsync(
                async () => (await look.QueryScalarAsync($"SELECT state FROM information_schema.processlist WHERE id = {server.CommitConnection}"))?.Contains("semi-sync ACK", StringComparison.Ordinal) == true,
                "the commit waits");
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    public ValueTask<MySqlConnection> OpenAsync(TimeSpan? commandTimeout = null)
        => MySqlConnection.OpenAsync(new MySqlOptions { UnixSocket = SocketPath, CommandTimeout = commandTimeout ?? Deadline.Default, KillTimeout = TimeSpan.FromSeconds(1) });

    /// <summary>Waits for the end of the server that runs, and starts it again.</summary>
    public async Task RestartAsync(IEnumerable<string> arguments)
    {
        LastEnd = (await TestGuard.NextAsync(Guard, GuardEventKind.Ended)).State;
        await BeginAsync(arguments);
    }

    public async Task<string?> CountAsync()
    {
        await using var look = await OpenAsync();
        return await look.QueryScalarAsync("SELECT COUNT(*) FROM d.t");
    }

    public async ValueTask DisposeAsync()
    {
        if (Guard.State.IsAlive)
            await Guard.KillAsync();
        if (_committing is not null)
            await _committing.DisposeAsync();
        await _guard.DisposeAsync();
    }

    private async Task BeginAsync(IEnumerable<string> arguments)
    {
        File.Delete(SocketPath);
        var process = await _guard.StartAsync(Guard, 1, [.. arguments]);
        await Deadline.UntilAsync(
            async () =>
            {
                if (!Processes.IsAlive(process))
                    throw new InvalidOperationException("it ended:\n" + File.ReadAllText(LogPath));
                try
                {
                    await using var connection = await OpenAsync();
                    return true;
                }
                catch (MySqlException)
                {
                    return false;
                }
            },
            "the server takes connections");
    }
}
