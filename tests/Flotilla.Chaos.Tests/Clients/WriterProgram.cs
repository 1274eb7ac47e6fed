using System.Globalization;
using Flotilla.MySql;

namespace Flotilla.Chaos.Tests.Clients;

/// <summary>
/// A client: writes row after row to whichever server takes it, never one row twice, and notes each before it goes on. A row holds which server wrote it and in which epoch, as that server knew it
/// in the transaction. Ends when its standard input does.
/// </summary>
internal static class WriterProgram
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    /// <summary>Then the connection is dropped. The statement is not killed: a KILL of a commit that waits for its acknowledgement answers OK to all commits of its group.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    /// <summary>The client's number, where it notes, user, password, and the servers' addresses in the order of hosts.</summary>
    public static async Task<int> RunAsync(string[] arguments)
    {
        var (client, path, user, password) = (int.Parse(arguments[0], CultureInfo.InvariantCulture), arguments[1], arguments[2], arguments[3]);
        MySqlOptions[] servers = [.. arguments[4..].Select(address => new MySqlOptions
        {
            Host = address,
            User = user,
            Password = password,
            ConnectTimeout = TimeSpan.FromMilliseconds(700),
            CommandTimeout = Timeout.InfiniteTimeSpan,
        })];
        using var ending = new CancellationTokenSource();
        await using var notes = new StreamWriter(new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.Read)) { NewLine = "\n", AutoFlush = true };
        var writing = Task.Run(() => WriteAsync(client, servers, notes, ending.Token));
        while (await Console.In.ReadLineAsync(CancellationToken.None) is not null)
        {
            // Nothing is said but the end.
        }

        await ending.CancelAsync();
        await writing;
        return 0;
    }

    private static async Task WriteAsync(int client, MySqlOptions[] servers, StreamWriter notes, CancellationToken ending)
    {
        MySqlConnection? session = null;
        for (var (row, server) = (1L, client % servers.Length); !ending.IsCancellationRequested; row++)
        {
            var sent = MonotonicClock.NowNs;
            try
            {
                session ??= await MySqlConnection.OpenAsync(servers[server], CancellationToken.None);
                sent = MonotonicClock.NowNs;
                var writing = session.ExecuteAsync(string.Create(CultureInfo.InvariantCulture, $"INSERT INTO app.w (client, id, server, epoch) SELECT {client}, {row}, @@server_id, MAX(number) FROM flotilla.epochs")).AsTask();
                _ = writing.ContinueWith(late => late.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
                await writing.WaitAsync(Patience);
                await notes.WriteLineAsync(new Write(client, row, server, sent, MonotonicClock.NowNs, WriteOutcome.Acknowledged).ToLine());
            }
            catch (Exception failure) when (failure is MySqlException or TimeoutException)
            {
                var outcome = failure is MySqlServerException { Number: ReadOnlyError } ? WriteOutcome.Refused : WriteOutcome.Unknown;
                await notes.WriteLineAsync(new Write(client, row, server, sent, MonotonicClock.NowNs, outcome).ToLine());
                if (session is not null)
                    await session.DisposeAsync();
                session = null;
                server = (server + 1) % servers.Length;
            }

            await Task.Delay(Pause, CancellationToken.None);
        }

        if (session is not null)
            await session.DisposeAsync();
    }

    /// <summary>ER_OPTION_PREVENTS_STATEMENT: the server runs with --read-only.</summary>
    private const int ReadOnlyError = 1290;
}
