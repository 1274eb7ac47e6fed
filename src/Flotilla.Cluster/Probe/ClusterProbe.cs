using System.Collections.Immutable;
using Flotilla.MySql;

namespace Flotilla.Cluster.Probe;

/// <summary>
/// Clients that write to a cluster of any make, through no proxy: rows of (writer, number, value), one commit each, to the server that is not read-only. Remembers what was acknowledged and
/// when nothing was; at the end reads back and says what is lost. Thread-safe.
/// </summary>
public sealed class ClusterProbe : IAsyncDisposable
{
    /// <summary>Servers that all take writes may answer for each other before they have applied each other's rows.</summary>
    private const int ReadBackAttempts = 5;

    private static readonly TimeSpan s_readBackPause = TimeSpan.FromSeconds(1);

    private readonly ProbeOptions _options;
    private readonly CancellationTokenSource _ending = new();
    private readonly long _began;
    private readonly ImmutableArray<ProbeWriter> _writers;
    private readonly Task _writing;

    /// <summary>0 while it goes on.</summary>
    private long _ended;

    private ClusterProbe(ProbeOptions options)
    {
        _options = options;
        _began = options.Time.GetTimestamp();
        _writers = [.. Enumerable.Range(0, options.Writers).Select(number => new ProbeWriter(number, options))];
        _writing = Task.WhenAll(_writers.Select(writer => Task.Run(() => writer.RunAsync(_ending.Token))));
    }

    /// <summary>How it goes now.</summary>
    public ProbeStatus Status
    {
        get
        {
            var now = Volatile.Read(ref _ended) is not 0 and var ended ? ended : _options.Time.GetTimestamp();
            var all = _writers.Select(writer => writer.Ledger.Snapshot(now)).ToList();
            var elapsed = _options.Time.GetElapsedTime(_began, now);
            return new ProbeStatus
            {
                Elapsed = elapsed,
                WritesPerSecond = all.Sum(one => one.InLastSecond) / Math.Clamp(elapsed.TotalSeconds, 0.001, 1),
                Acknowledged = all.Sum(one => one.Acknowledged),
                Refused = all.Sum(one => one.Refused),
                Unknown = all.Sum(one => one.Unknown),
                Servers = [.. all.Select(one => one.Server).OfType<string>().Distinct(StringComparer.Ordinal)],
                LongestGap = all.Max(one => one.LongestGap),
                CurrentGap = all.Max(one => one.CurrentGap),
                Outages = [.. all.SelectMany(one => one.Outages).OrderBy(outage => outage.LastSuccess)],
                Answers = [.. _writers.SelectMany(writer => writer.Search.Answers).DistinctBy(answer => answer.Key, StringComparer.Ordinal).OrderBy(answer => answer.Key, StringComparer.Ordinal)],
            };
        }
    }

    /// <summary>Makes the table where it is not there, and begins to write.</summary>
    /// <exception cref="ProbeException">The options can't be used, no server takes writes, or the account may write to read-only ones.</exception>
    /// <exception cref="MySqlServerException">The server that takes writes refused the table.</exception>
    public static async Task<ClusterProbe> StartAsync(ProbeOptions options, CancellationToken cancellationToken = default)
    {
        options.Validate();
        await using var session = await new WritableSearch(options).FindInTimeAsync(cancellationToken);
        await RequireOrdinaryAccountAsync(session, cancellationToken);
        try
        {
            await CreateTableAsync();
        }
        catch (MySqlServerException unknownSchema) when (unknownSchema.Number == 1049)
        {
            await session.ExecuteAsync($"CREATE DATABASE IF NOT EXISTS {options.QuotedSchema}", cancellationToken);
            await CreateTableAsync();
        }

        return new ClusterProbe(options);

        // No unique key: it would hide a write that was applied twice.
        Task CreateTableAsync() => session.ExecuteAsync(
            $"CREATE TABLE IF NOT EXISTS {options.QuotedTable} (writer BIGINT NOT NULL, number BIGINT NOT NULL, value BIGINT NOT NULL, KEY (writer, number)) ENGINE = InnoDB", cancellationToken);
    }

    /// <summary>Ends the writing; what is under way is waited for.</summary>
    public async Task StopAsync()
    {
        await _ending.CancelAsync();
        await _writing;
        Interlocked.CompareExchange(ref _ended, _options.Time.GetTimestamp(), 0);
    }

    /// <summary>Ends the writing and reads back from the server that takes writes now.</summary>
    /// <exception cref="ProbeException">No server takes writes.</exception>
    /// <exception cref="MySqlException">The rows can't be read.</exception>
    public async Task<ProbeResult> VerifyAsync(CancellationToken cancellationToken = default)
    {
        await StopAsync();
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                var result = await ReadBackAsync(cancellationToken);
                if (result.Lost == 0 || attempt == ReadBackAttempts)
                    return result;
            }
            catch (MySqlException) when (attempt < ReadBackAttempts)
            {
                // That server went away meanwhile.
            }

            await Task.Delay(s_readBackPause, _options.Time, cancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _ending.Dispose();
    }

    /// <summary>One that may write to a read-only server goes on with a former primary, and measures nothing.</summary>
    private static async Task RequireOrdinaryAccountAsync(ProbeSession session, CancellationToken cancellationToken)
    {
        var privilege = await session.ScalarAsync(
            """
            SELECT privilege_type FROM information_schema.user_privileges
            WHERE privilege_type IN ('SUPER', 'READ ONLY ADMIN', 'READ_ONLY ADMIN', 'CONNECTION_ADMIN')
              AND grantee = CONCAT('''', LEFT(CURRENT_USER(), LENGTH(CURRENT_USER()) - LENGTH(SUBSTRING_INDEX(CURRENT_USER(), '@', -1)) - 1), '''@''', SUBSTRING_INDEX(CURRENT_USER(), '@', -1), '''')
            LIMIT 1
            """,
            cancellationToken);
        if (privilege is not null)
            throw new ProbeException($"the account has the right {privilege}, which read-only servers do not stop: the probe needs one that applications have");
    }

    private async Task<ProbeResult> ReadBackAsync(CancellationToken cancellationToken)
    {
        await using var session = await new WritableSearch(_options).FindInTimeAsync(cancellationToken);
        var all = new List<ReadBack>();
        foreach (var ledger in _writers.Select(writer => writer.Ledger))
        {
            var one = new ReadBack(ledger.Id, ledger.Outcomes());
            await session.ReadAsync(ledger.Id, one.Add, cancellationToken);
            all.Add(one);
        }

        return new ProbeResult
        {
            Status = Status,
            Server = session.Server,
            Lost = all.Sum(one => one.Lost.LongCount()),
            Duplicates = all.Sum(one => one.Duplicates),
            Phantoms = all.Sum(one => one.Phantoms),
            UnknownWritten = all.Sum(one => one.UnknownWritten),
            LostRows = [.. all.SelectMany(one => one.Lost).Take(ProbeResult.NamedMax)],
        };
    }
}
