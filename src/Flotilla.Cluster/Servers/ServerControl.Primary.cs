using System.Globalization;
using Flotilla.MySql;

namespace Flotilla.Cluster.Servers;

/// <content>A server that is written to.</content>
public sealed partial class ServerControl
{
    /// <summary>A hundred years in milliseconds: the server has no word for no limit, and goes on without an acknowledgement when the limit passes.</summary>
    private const string WithoutLimit = "3153600000000";

    private const string SemiSyncOff = "SET GLOBAL rpl_semi_sync_master_enabled = OFF";

    private static readonly string[] SemiSyncOn =
    [
        $"SET GLOBAL rpl_semi_sync_master_timeout = {WithoutLimit}",
        "SET GLOBAL rpl_semi_sync_master_wait_no_slave = ON",
        "SET GLOBAL rpl_semi_sync_master_wait_point = AFTER_SYNC",
        "SET GLOBAL rpl_semi_sync_master_enabled = ON",
    ];

    /// <summary>
    /// Makes a server the primary, or a demoted one primary again: replicates from nobody, lets in the replicas named and locks out all others, waits for acknowledgements, and is writable last.
    /// What it received must be applied before.
    /// </summary>
    /// <param name="replicas">Server ids of the replicas that may connect, and so acknowledge.</param>
    /// <param name="needsAcknowledgement">False only where the group agreed to go on without.</param>
    /// <param name="cancellationToken">Leaves it where it is: repeat, or demote.</param>
    public async Task PromoteAsync(IReadOnlySet<uint> replicas, bool needsAcknowledgement = true, CancellationToken cancellationToken = default)
    {
        await BecomePrimaryAsync(replicas, needsAcknowledgement, epoch: null, cancellationToken);
        await MakeWritableAsync(cancellationToken);
    }

    /// <summary>
    /// The same, but that it is not writable yet. The epoch is written down in the binary log first, unacknowledged: so each epoch takes the next sequence number under its primary's id, and
    /// numbers that crash recovery took away from somebody's log are not given again, to another transaction, by the same server.
    /// </summary>
    /// <inheritdoc cref="PromoteAsync"/>
    public Task BecomePrimaryAsync(IReadOnlySet<uint> replicas, bool needsAcknowledgement, ulong? epoch, CancellationToken cancellationToken = default)
    {
        const string action = "become primary";
        return _runner.RunAsync(
            action,
            _limits.Quick,
            async session =>
            {
                await DetachAsync(session, action);
                if (epoch is { } number && session.IsMariaDb)
                    await WriteEpochAsync(session, action, number);
                await AllowAsync(session, replicas);
                if (session.IsMariaDb)
                    await session.ExecuteAsync("SET GLOBAL rpl_semi_sync_slave_enabled = OFF");
                await SetNeedsAcknowledgementAsync(session, needsAcknowledgement);
            },
            cancellationToken);
    }

    /// <summary>Lets clients write: the last step to a primary.</summary>
    public Task MakeWritableAsync(CancellationToken cancellationToken = default)
        => _runner.RunAsync("become writable", _limits.Quick, session => session.ExecuteAsync("SET GLOBAL read_only = 0"), cancellationToken);

    /// <summary>Lets those replicas receive, and nobody else: returns when the connections of all others are gone. Accounts that are missing are made.</summary>
    public Task AllowAsync(IReadOnlySet<uint> replicas, CancellationToken cancellationToken = default)
        => _runner.RunAsync("say who may replicate from it", _limits.Quick, session => AllowAsync(session, replicas), cancellationToken);

    /// <summary>
    /// Whether commits wait for a replica. Off answers OK to those that wait: their transactions may be on no other server, so the group agrees on it before.
    /// </summary>
    public Task SetNeedsAcknowledgementAsync(bool isNeeded, CancellationToken cancellationToken = default)
        => _runner.RunAsync(isNeeded ? "wait for acknowledgements" : "go on without acknowledgements", _limits.Quick, session => SetNeedsAcknowledgementAsync(session, isNeeded), cancellationToken);

    /// <summary>
    /// Takes a primary out of its role, for a switchover: waits a while for transactions that were open when it began, then refuses writes, ends sessions that still are in a transaction,
    /// and waits for acknowledgements no more once no commit waits for one. Where that can't be done in time it is writable as before, and an exception says why.
    /// </summary>
    public async Task DemoteAsync(CancellationToken cancellationToken = default)
    {
        const string action = "demote";
        var (wasWritable, neededAcknowledgement) = (false, false);
        await _runner.RunAsync(
            action,
            _limits.OpenTransactions + _limits.Quick,
            async session =>
            {
                wasWritable = !await IsReadOnlyAsync(session);
                neededAcknowledgement = session.IsMariaDb && await session.ScalarAsync("SELECT @@GLOBAL.rpl_semi_sync_master_enabled") == "1";
                if (wasWritable)
                    await WaitForOpenTransactionsAsync(session);
            },
            cancellationToken);
        try
        {
            await _runner.RunAsync(action, _limits.ReadOnly, SetReadOnlyAsync, cancellationToken);
            await _runner.RunAsync(action, _limits.EndWriting, EndWritingAsync, cancellationToken);
        }
        catch when (wasWritable)
        {
            await _runner.RunAsync(
                "become writable again",
                _limits.Quick,
                async session =>
                {
                    if (neededAcknowledgement && !await IsWaitingForAcknowledgementsAsync(session))
                        await SetNeedsAcknowledgementAsync(session, isNeeded: true);
                    await session.ExecuteAsync("SET GLOBAL read_only = 0");
                },
                CancellationToken.None);
            throw;
        }
    }

    /// <summary>Takes a replica's right to receive, and so to acknowledge; returns when its connection is gone.</summary>
    public Task LockOutAsync(uint replica, CancellationToken cancellationToken = default)
        => _runner.RunAsync(
            string.Create(CultureInfo.InvariantCulture, $"lock out replica {replica}"),
            _limits.Quick,
            async session =>
            {
                await session.ExecuteAsync("SET SESSION sql_log_bin = 0");
                await SetLockedAsync(session, replica, isLocked: true);
            },
            cancellationToken);

    /// <summary>Lets a replica receive, and so acknowledge.</summary>
    public Task LetInAsync(uint replica, CancellationToken cancellationToken = default)
        => _runner.RunAsync(
            string.Create(CultureInfo.InvariantCulture, $"let in replica {replica}"),
            _limits.Quick,
            async session =>
            {
                await session.ExecuteAsync("SET SESSION sql_log_bin = 0");
                await SetLockedAsync(session, replica, isLocked: false);
            },
            cancellationToken);

    private async Task WriteEpochAsync(ActionSession session, string action, ulong number)
    {
        var epoch = number.ToString(CultureInfo.InvariantCulture);
        if (await session.ScalarAsync($"SELECT COUNT(*) FROM {ServerPreparation.EpochTable} WHERE number = {epoch}") != "0")
            return;
        await DropPrimaryFlagAsync(session, action);
        await session.ExecuteAsync($"INSERT INTO {ServerPreparation.EpochTable} (number, at) VALUES ({epoch}, UTC_TIMESTAMP(6))");
    }

    private async Task AllowAsync(ActionSession session, IReadOnlySet<uint> replicas)
    {
        await session.ExecuteAsync("SET SESSION sql_log_bin = 0");
        var accounts = await ReplicaAccounts.ListAsync(session);
        foreach (var (id, _) in accounts.Where(account => !account.IsLocked && !replicas.Contains(account.Id)))
            await SetLockedAsync(session, id, isLocked: true);
        foreach (var id in replicas.Except(accounts.Select(account => account.Id)))
            await ServerPreparation.CreateReplicaAccountAsync(session, id, MySqlText.Literal(_server.Accounts.ReplicaPassword(id)));
        foreach (var id in replicas.Except(accounts.Where(account => !account.IsLocked).Select(account => account.Id)))
            await SetLockedAsync(session, id, isLocked: false);
    }

    private static async Task SetNeedsAcknowledgementAsync(ActionSession session, bool isNeeded)
    {
        if (!session.IsMariaDb)
            return;
        foreach (var statement in isNeeded ? SemiSyncOn : [SemiSyncOff])
            await session.ExecuteAsync(statement);
        if (!isNeeded || await IsWaitingForAcknowledgementsAsync(session))
            return;
        // A server that once went on without stays so though it is switched on; nothing waits, so nothing is answered falsely.
        await session.ExecuteAsync(SemiSyncOff);
        await session.ExecuteAsync(SemiSyncOn[^1]);
    }

    private static async Task<bool> IsWaitingForAcknowledgementsAsync(ActionSession session)
        => (await session.TableAsync("SHOW GLOBAL STATUS LIKE 'Rpl_semi_sync_master_status'")).Rows[0][1] == "ON";

    private static async Task SetReadOnlyAsync(ActionSession session)
    {
        if (!await IsReadOnlyAsync(session))
            await session.ExecuteAsync("SET GLOBAL read_only = 1");
    }

    /// <summary>The server is read-only; what is left of its time as a primary goes.</summary>
    private async Task EndWritingAsync(ActionSession session)
    {
        // Their locks would stand in an applier's way.
        foreach (var (thread, _) in await OpenTransactionsAsync(session))
            await KillAsync(session, thread);
        if (!session.IsMariaDb)
            return;
        await UntilAsync(session, async () => await WaitingAsync(session) == 0);
        await session.ExecuteAsync(SemiSyncOff);
        await SettleAsync(session);
    }

    /// <summary>Transactions that changed or locked something. New ones are not waited for: they come and go, and those that come too late are refused.</summary>
    private async Task WaitForOpenTransactionsAsync(ActionSession session)
    {
        var start = _runner.Time.GetTimestamp();
        var open = (await OpenTransactionsAsync(session)).ToHashSet();
        while (open.Count > 0 && _runner.Time.GetElapsedTime(start) < _limits.OpenTransactions)
        {
            await Task.Delay(Period, _runner.Time, session.CancellationToken);
            open.IntersectWith(await OpenTransactionsAsync(session));
        }
    }

    private static async Task<IReadOnlyList<(string Thread, string Id)>> OpenTransactionsAsync(ActionSession session)
    {
        var table = await session.TableAsync(
            "SELECT trx_mysql_thread_id, trx_id FROM information_schema.innodb_trx "
            + "WHERE (trx_rows_modified > 0 OR trx_lock_structs > 0) "
            + $"AND trx_mysql_thread_id IN (SELECT id FROM information_schema.processlist WHERE user NOT IN ('{ServerAccounts.NodeUser}', 'system user'))");
        return [.. table.Rows.Select(row => (row[0]!, row[1]!))];
    }

    /// <summary>
    /// The flag of a primary, on a replica, makes its applier wait for an acknowledgement that nobody gives. Commits of clients don't wait on a server that is read-only: it was made so
    /// after the last of them.
    /// </summary>
    private async Task DropPrimaryFlagAsync(ActionSession session, string action)
    {
        if (!session.IsMariaDb || await session.ScalarAsync("SELECT @@GLOBAL.rpl_semi_sync_master_enabled") == "0")
            return;
        if (!await IsReadOnlyAsync(session))
            throw _runner.NotReady(action, "it is writable and waits for acknowledgements: demote it first");
        if (await WaitingAsync(session) > 0 && (await ReplicaState.ReadAsync(session)).Row is null)
            throw _runner.NotReady(action, "commits wait for an acknowledgement, which would be a false one");
        await session.ExecuteAsync(SemiSyncOff);
    }

    private static async Task<int> WaitingAsync(ActionSession session)
    {
        var row = (await session.TableAsync("SHOW GLOBAL STATUS LIKE 'Rpl_semi_sync_master_wait_sessions'")).Rows;
        return int.Parse(row[0][1]!, NumberStyles.None, CultureInfo.InvariantCulture);
    }

    private async Task SetLockedAsync(ActionSession session, uint replica, bool isLocked)
    {
        await ReplicaAccounts.SetLockedAsync(session, replica, isLocked);
        if (!isLocked)
            return;
        // It acknowledges as long as its connection is there: until then it is not locked out.
        await UntilAsync(session, async () =>
        {
            var connections = await ReplicaAccounts.ConnectionsAsync(session, replica);
            foreach (var id in connections)
                await KillAsync(session, id);
            return connections.Count == 0;
        });
    }

    /// <summary>
    /// Ends a session, unless it has ended by itself. A commit that waits for its acknowledgement goes on waiting: without SOFT all of its group would be answered OK, though nobody has it.
    /// </summary>
    private static async Task KillAsync(ActionSession session, string thread)
    {
        const int noSuchThread = 1094;
        try
        {
            await session.ExecuteAsync($"KILL {(session.IsMariaDb ? "SOFT " : "")}CONNECTION {thread}");
        }
        catch (MySqlServerException failure) when (failure.Number == noSuchThread)
        {
            // That is what was wanted.
        }
    }
}
