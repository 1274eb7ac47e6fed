using System.Globalization;
using Flotilla.Cluster.Core;
using Flotilla.MySql;

namespace Flotilla.Cluster.Servers;

/// <summary>Looks at one server over sessions that it keeps. One caller at a time for each of the two questions; they do not wait for one another.</summary>
public sealed class ServerObserver : IAsyncDisposable
{
    // What was answered comes before the position, which then has all of it.
    private const string MariaDbQuestions =
        "SHOW GLOBAL STATUS WHERE Variable_name IN ('Threads_running', 'Rpl_semi_sync_master_status', 'Rpl_semi_sync_master_clients', 'Rpl_semi_sync_master_no_tx'); "
        + "SELECT @@version, @@server_id, @@GLOBAL.read_only, @@GLOBAL.gtid_binlog_pos, @@GLOBAL.gtid_current_pos, @@GLOBAL.gtid_binlog_state, @@GLOBAL.rpl_semi_sync_slave_enabled, "
        + "@@GLOBAL.binlog_format; SHOW ALL SLAVES STATUS; SHOW SLAVE HOSTS; "
        + ReplicaAccounts.QuestionToMariaDb;

    private const string MySqlQuestions =
        "SHOW GLOBAL STATUS WHERE Variable_name IN ('Threads_running', 'Rpl_semi_sync_master_status'); "
        + "SELECT @@version, @@server_id, @@GLOBAL.read_only, @@GLOBAL.gtid_executed, '', '', '', @@GLOBAL.binlog_format; SHOW SLAVE STATUS; SHOW SLAVE HOSTS; "
        + ReplicaAccounts.QuestionToMySql;

    private const string Write = $"INSERT INTO {ServerPreparation.ProbeTable} (id, at) VALUES (1, NOW(6)) ON DUPLICATE KEY UPDATE at = NOW(6)";

    private const string CommitsThatWait = "SHOW GLOBAL STATUS LIKE 'Rpl_semi_sync_master_wait_sessions'";

    /// <summary>Waits for the lock of the binary log, and so for a log that can't be written.</summary>
    private const string LogEnd = "SHOW MASTER STATUS";

    private readonly TimeProvider _time;
    private readonly ObserverSession _questions;
    private readonly ObserverSession _writes;
    private readonly Func<uint, ServerName> _nameOf;

    /// <param name="server">The server.</param>
    /// <param name="time">Clock of the deadlines.</param>
    /// <param name="nameOf">Who has a server id; default <c>id-7</c> and so on. Called on any thread.</param>
    public ServerObserver(ManagedServer server, TimeProvider time, Func<uint, ServerName>? nameOf = null)
    {
        _time = time;
        _nameOf = nameOf ?? Unnamed;
        var options = server.Session with { MultiStatements = true };
        _questions = new ObserverSession(options, setUp: null, time);
        _writes = new ObserverSession(options, "SET SESSION sql_log_bin = 0", time);
    }

    /// <summary>The name of a server id that nobody is known to have.</summary>
    public static ServerName Unnamed(uint id) => new(string.Create(CultureInfo.InvariantCulture, $"id-{id}"));

    /// <summary>What the server is seen to be, in one round trip. A server that does not answer is an observation too.</summary>
    public async Task<ServerObservation> ObserveAsync(TimeSpan within, CancellationToken cancellationToken = default)
    {
        try
        {
            return await _questions.AskAsync(within, ObserveAsync, cancellationToken);
        }
        catch (TimeoutException)
        {
            return new ServerObservation { IsAnswering = false, Error = $"no answer within {within.TotalSeconds:0.###} s" };
        }
        catch (Exception failure) when (failure is MySqlException or FormatException)
        {
            return new ServerObservation { IsAnswering = false, Error = failure.Message };
        }
    }

    /// <summary>
    /// Commits a row without the binary log, so that no acknowledgement is waited for, and asks for the end of the binary log: what a server that hangs, or has no room left, cannot do.
    /// </summary>
    public async Task<WriteProbe> ProbeAsync(TimeSpan within, CancellationToken cancellationToken = default)
    {
        var start = _time.GetTimestamp();
        var (outcome, error) = (WriteProbeOutcome.Committed, (string?)null);
        try
        {
            await _writes.AskAsync(within, WriteAsync, cancellationToken);
        }
        catch (Exception failure) when (failure is TimeoutException or MySqlTimeoutException)
        {
            (outcome, error) = (WriteProbeOutcome.Silent, $"no commit within {within.TotalSeconds:0.###} s");
        }
        catch (MySqlServerException failure)
        {
            (outcome, error) = (WriteProbeOutcome.Refused, failure.Message);
        }
        catch (MySqlException failure)
        {
            (outcome, error) = (WriteProbeOutcome.Unreachable, failure.Message);
        }

        return new WriteProbe(outcome, _time.GetElapsedTime(start), error);
    }

    public async ValueTask DisposeAsync()
    {
        await _questions.DisposeAsync();
        await _writes.DisposeAsync();
    }

    // While a commit waits for an acknowledgement the next one holds the lock of the log, which tells nothing of the server: that commit got into the log, too.
    private static async Task<bool> WriteAsync(MySqlConnection session, CancellationToken cancellationToken)
    {
        await session.ExecuteAsync(Write, cancellationToken);
        var table = await session.QueryTableAsync(CommitsThatWait, cancellationToken);
        if (table.Rows is [var waiting, ..] && waiting[1] != "0")
            return false;
        await session.ExecuteAsync(LogEnd, cancellationToken);
        return true;
    }

    private async Task<ServerObservation> ObserveAsync(MySqlConnection session, CancellationToken cancellationToken)
    {
        var answers = await AnswersAsync(session, session.IsMariaDb ? MariaDbQuestions : MySqlQuestions, cancellationToken);
        var status = answers[0].Rows.ToDictionary(row => row[0]!, row => row[1] ?? "", StringComparer.OrdinalIgnoreCase);
        var server = answers[1].Rows[0];
        var state = session.IsMariaDb
            ? ReplicaState.FromMariaDb(GtidPosition.Parse(server[4] ?? ""), answers[2])
            : ReplicaState.FromMySql(Set(server[3]), answers[2]);
        return new ServerObservation
        {
            IsAnswering = true,
            Version = server[0] ?? "",
            ServerId = uint.Parse(server[1]!, CultureInfo.InvariantCulture),
            IsReadOnly = server[2] == "1",
            Logged = session.IsMariaDb ? GtidPosition.Parse(server[3] ?? "") : state.Applied,
            Applied = state.Applied,
            LoggedState = session.IsMariaDb ? server[5] ?? "" : Set(server[3]),
            Replica = await ReplicaAsync(state, new ActionSession(session, cancellationToken)),
            IsSemiSyncPrimary = status.GetValueOrDefault("Rpl_semi_sync_master_status") == "ON",
            AcknowledgingReplicas = int.Parse(status.GetValueOrDefault("Rpl_semi_sync_master_clients", "0"), CultureInfo.InvariantCulture),
            UnacknowledgedCommits = long.Parse(status.GetValueOrDefault("Rpl_semi_sync_master_no_tx", "0"), CultureInfo.InvariantCulture),
            IsSemiSyncReplica = session.IsMariaDb && server[6] == "1",
            ConnectedReplicas = [.. answers[3].Rows.Select(row => uint.Parse(row[0]!, CultureInfo.InvariantCulture))],
            AllowedReplicas = [.. ReplicaAccounts.Read(answers[4]).Where(account => !account.IsLocked).Select(account => _nameOf(account.Id))],
            BinlogFormat = server[7] ?? "",
            ThreadsRunning = int.Parse(status.GetValueOrDefault("Threads_running", "0"), CultureInfo.InvariantCulture),
        };
    }

    private static async Task<ReplicaObservation?> ReplicaAsync(ReplicaState state, ActionSession session) => state.Row is not { } row ? null : new ReplicaObservation
    {
        SourceHost = row.SourceHost,
        SourcePort = row.SourcePort,
        UsesGtid = row.UsesGtid,
        IsReceiverRunning = row.IsReceiverRunning,
        IsReceiverConnected = row.IsReceiverConnected,
        IsApplierRunning = row.IsApplierRunning,
        Received = state.Received,
        HasUnapplied = await state.LooksUnappliedAsync(session),
        LagSeconds = row.LagSeconds,
        ReceiverError = row.ReceiverError,
        ApplierError = row.ApplierError,
    };

    private static async Task<List<MySqlTable>> AnswersAsync(MySqlConnection session, string questions, CancellationToken cancellationToken)
    {
        var answers = new List<MySqlTable>();
        await using var result = await session.QueryAsync(questions, cancellationToken);
        do
            answers.Add(await result.ReadTableAsync(cancellationToken));
        while (await result.NextResultAsync(cancellationToken));
        return answers;
    }

    private static string Set(string? text) => (text ?? "").Replace("\n", "", StringComparison.Ordinal);
}
