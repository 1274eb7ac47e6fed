using System.Globalization;
using Flotilla.Cluster.Core;
using Flotilla.MySql;

namespace Flotilla.Cluster.Servers;

/// <content>A server that replicates.</content>
public sealed partial class ServerControl
{
    /// <summary>A wait on the server is looked after this often: an applier that stopped ends it.</summary>
    private static readonly TimeSpan AppliedSlice = TimeSpan.FromMilliseconds(250);

    private static readonly TimeSpan SettlePeriod = TimeSpan.FromMilliseconds(5);

    /// <summary>
    /// Receives and acknowledges nothing from now on; the applier goes on. Returns what is here when all of it is applied: after a restart that is read from the relay log.
    /// </summary>
    public async Task<GtidPosition> StopReceiverAsync(CancellationToken cancellationToken = default)
    {
        await _runner.RunAsync("stop receiving", _limits.Quick, StopReceiverAsync, cancellationToken);
        return await _runner.RunAsync(
            "read what was received", _limits.ReadLog, async session => await (await ReplicaState.ReadAsync(session)).ReceivedAsync(session), cancellationToken);
    }

    /// <summary>Waits until all that was received is applied. Never stops the applier: in GTID mode starting it again throws away what it has not applied.</summary>
    public Task<GtidPosition> WaitAppliedAsync(TimeSpan within, CancellationToken cancellationToken = default)
    {
        const string action = "apply what was received";
        return _runner.RunAsync(
            action,
            within,
            async session =>
            {
                var state = await ReplicaState.ReadAsync(session);
                var until = await state.ReceivedAsync(session);
                await WaitAppliedAsync(session, action, until);
                return until;
            },
            cancellationToken);
    }

    /// <summary>
    /// Applies the relay log of a server whose applier does not run and whose primary is gone: as files, because by GTID the log would be thrown away and fetched again from nobody.
    /// </summary>
    public Task<GtidPosition> SalvageAsync(TimeSpan within, CancellationToken cancellationToken = default)
    {
        const string action = "salvage the relay log";
        return _runner.RunAsync(
            action,
            within,
            async session =>
            {
                var state = await ReplicaState.ReadAsync(session);
                if (state.Row is not { } row)
                    return state.Applied;
                if (row.IsReceiverRunning)
                    throw _runner.NotReady(action, "its receiver runs: stop it first");
                if (!session.IsMariaDb)
                    return await SalvageMySqlAsync(session, action);
                await DropPrimaryFlagAsync(session, action);
                var until = row is { UsesGtid: true, IsApplierRunning: true }
                    ? await state.ReceivedAsync(session)
                    : await StartFromFilesAsync(session, row);
                await WaitAppliedAsync(session, action, until);
                if (row is { UsesGtid: true, IsApplierRunning: true })
                    return until;
                await session.ExecuteAsync("STOP SLAVE SQL_THREAD");
                await session.ExecuteAsync("CHANGE MASTER TO MASTER_USE_GTID = slave_pos");
                return until;
            },
            cancellationToken);
    }

    // MySQL's applier goes on in the relay log where it was. The last transaction may have come in part: its beginning is dropped, as it will come again as a whole.
    private async Task<GtidPosition> SalvageMySqlAsync(ActionSession session, string action)
    {
        await session.ExecuteAsync("START SLAVE SQL_THREAD");
        await UntilAsync(session, async () =>
        {
            var state = await ReplicaState.ReadAsync(session);
            if (state.Row is { IsApplierRunning: false, ApplierError: { Length: > 0 } error })
                throw _runner.NotReady(action, error);
            return state.Applied.Covers(state.Received) || state.Row is null or { HasReadRelayLog: true };
        });
        await session.ExecuteAsync("STOP SLAVE SQL_THREAD");
        var applied = await ReplicaState.ReadAsync(session);
        if (!applied.Applied.Covers(applied.Received))
            await session.ExecuteAsync("CHANGE MASTER TO MASTER_AUTO_POSITION = 1");
        return applied.Applied;
    }

    /// <summary>Fetches from another replica what this one lacks, up to a position, and stops there. Needs a relay log that is applied.</summary>
    public Task CatchUpFromAsync(ServerAddress source, GtidPosition until, TimeSpan within, CancellationToken cancellationToken = default)
    {
        var action = $"catch up from {source}";
        return _runner.RunAsync(
            action,
            within,
            async session =>
            {
                var state = await ReplicaState.ReadAsync(session);
                if (state.Applied.Covers(until))
                    return;
                await PointToAsync(session, action, source);
                await session.ExecuteAsync(session.IsMariaDb ? $"START SLAVE UNTIL master_gtid_pos = {MySqlText.Literal(until.ToString())}" : "START SLAVE");
                await UntilAsync(session, async () =>
                {
                    state = await ReplicaState.ReadAsync(session);
                    if (state.Applied.Covers(until))
                        return true;
                    if (state.Row is { } row && (row is { IsReceiverRunning: false, ReceiverError.Length: > 0 } || row is { IsApplierRunning: false, ApplierError.Length: > 0 }))
                        throw _runner.NotReady(action, row.ReceiverError + row.ApplierError);
                    return false;
                });
                await session.ExecuteAsync("STOP SLAVE");
            },
            cancellationToken);
    }

    /// <summary>
    /// Replicates from a primary, acknowledging. What it received elsewhere must be applied before; what it wrote itself as a primary counts as applied. Whether the connection comes about
    /// is for the next observation to tell.
    /// </summary>
    public Task FollowAsync(ServerAddress primary, CancellationToken cancellationToken = default)
    {
        var action = $"follow {primary}";
        return _runner.RunAsync(
            action,
            _limits.Quick,
            async session =>
            {
                await SetReadOnlyAsync(session);
                await DropPrimaryFlagAsync(session, action);
                var acknowledges = !session.IsMariaDb || await session.ScalarAsync("SELECT @@GLOBAL.rpl_semi_sync_slave_enabled") == "1";
                var row = (await ReplicaState.ReadAsync(session)).Row;
                if (acknowledges && row is { UsesGtid: true, IsReceiverRunning: true, IsApplierRunning: true } && Leads(row, primary))
                    return;
                await PointToAsync(session, action, primary);
                if (session.IsMariaDb)
                    await session.ExecuteAsync("SET GLOBAL rpl_semi_sync_slave_enabled = ON");
                await session.ExecuteAsync("START SLAVE");
            },
            cancellationToken);
    }

    /// <summary>Replicates from nobody, and forgets from whom it did. What it received must be applied before.</summary>
    public Task DetachAsync(CancellationToken cancellationToken = default)
    {
        const string action = "detach";
        return _runner.RunAsync(action, _limits.Quick, session => DetachAsync(session, action), cancellationToken);
    }

    private static bool Leads(ReplicaRow row, ServerAddress source) => row.SourceHost == source.Host && row.SourcePort == source.Port;

    private static async Task StopReceiverAsync(ActionSession session)
    {
        if ((await ReplicaState.ReadAsync(session)).Row is { IsReceiverRunning: true })
            await session.ExecuteAsync("STOP SLAVE IO_THREAD");
    }

    private async Task WaitAppliedAsync(ActionSession session, string action, GtidPosition until)
    {
        while (true)
        {
            var state = await ReplicaState.ReadAsync(session);
            if (state.Applier.Covers(until) || state.Row is null)
                return;
            if (!state.Row.IsApplierRunning)
                throw _runner.NotReady(action, $"its applier does not run{(state.Row.ApplierError.Length > 0 ? ": " + state.Row.ApplierError : "; salvage its relay log")}");
            await session.ScalarAsync(session.IsMariaDb
                ? string.Create(CultureInfo.InvariantCulture, $"SELECT MASTER_GTID_WAIT('{until}', {AppliedSlice.TotalSeconds})")
                : $"SELECT SLEEP({Period.TotalSeconds.ToString(CultureInfo.InvariantCulture)})");
        }
    }

    /// <summary>Returns what is applied when all complete groups are.</summary>
    private static async Task<GtidPosition> StartFromFilesAsync(ActionSession session, ReplicaRow row)
    {
        if (row.IsApplierRunning)
            await session.ExecuteAsync("STOP SLAVE SQL_THREAD");
        var scan = await RelayLogScan.ReadAsync(session, row.ApplierPosition);
        if (!scan.HasUnapplied)
            return scan.Received;
        await session.ExecuteAsync(string.Create(
            CultureInfo.InvariantCulture,
            $"CHANGE MASTER TO MASTER_USE_GTID = no, MASTER_DELAY = 0, RELAY_LOG_FILE = {MySqlText.Literal(scan.FirstFile)}, RELAY_LOG_POS = {scan.FirstPosition}"));
        await session.ExecuteAsync("START SLAVE SQL_THREAD");
        return scan.Received;
    }

    private async Task DetachAsync(ActionSession session, string action)
    {
        await StopReceiverAsync(session);
        var state = await ReplicaState.ReadAsync(session);
        if (state.Row is null)
            return;
        await RequireAppliedAsync(session, action, state);
        await SettleAsync(session);
        await session.ExecuteAsync("STOP SLAVE");
        await session.ExecuteAsync("RESET SLAVE ALL");
    }

    /// <summary>
    /// Brings to the engine's disk what was applied and committed: crash recovery in a replica's role takes away what is not there, and once the relay log is gone there is nothing left to
    /// apply it from. The binary log's checkpoint names a file when all commits before that file are on disk.
    /// </summary>
    private async Task SettleAsync(ActionSession session)
    {
        if (!session.IsMariaDb)
            return;
        await session.ExecuteAsync("FLUSH LOCAL BINARY LOGS");
        while (true)
        {
            var file = (await session.TableAsync("SHOW MASTER STATUS")).Rows[0][0]!;
            var events = await session.TableAsync($"SHOW BINLOG EVENTS IN {MySqlText.Literal(file)} LIMIT 100");
            if (events.Rows.Any(row => row[2] == "Binlog_checkpoint" && row[5] == file))
                return;
            await Task.Delay(SettlePeriod, _runner.Time, session.CancellationToken);
        }
    }

    private async Task RequireAppliedAsync(ActionSession session, string action, ReplicaState state)
    {
        if (await state.HasUnappliedAsync(session))
            throw _runner.NotReady(action, "its relay log has what was not applied, and would be thrown away");
    }

    /// <summary>Stopped, pointed to a source, not started.</summary>
    private async Task PointToAsync(ActionSession session, string action, ServerAddress source)
    {
        await StopReceiverAsync(session);
        var state = await ReplicaState.ReadAsync(session);
        await RequireAppliedAsync(session, action, state);
        if (state.Row is not null)
            await session.ExecuteAsync("STOP SLAVE");
        await SettleAsync(session);
        // What a primary wrote itself is in its binary log only.
        if (session.IsMariaDb && !state.Applied.Equals(GtidPosition.Parse(await session.ScalarAsync("SELECT @@GLOBAL.gtid_slave_pos"))))
            await session.ExecuteAsync($"SET GLOBAL gtid_slave_pos = {MySqlText.Literal(state.Applied.ToString())}");
        var password = _server.Accounts.ReplicaPassword(_server.ServerId);
        var statement = Source(session, source);
        await session.ExecuteAsync(statement + ", MASTER_PASSWORD = " + MySqlText.Literal(password), shown: statement);
    }

    private string Source(ActionSession session, ServerAddress source)
    {
        var settings = new List<string>
        {
            "MASTER_HOST = " + MySqlText.Literal(source.Host),
            string.Create(CultureInfo.InvariantCulture, $"MASTER_PORT = {source.Port}"),
            "MASTER_USER = " + MySqlText.Literal(ServerAccounts.ReplicaUser(_server.ServerId)),
            "MASTER_CONNECT_RETRY = 1",
            "MASTER_HEARTBEAT_PERIOD = 1",
            session.IsMariaDb ? "MASTER_USE_GTID = slave_pos" : "MASTER_AUTO_POSITION = 1",
            // What was said of another source stays otherwise, and leaves out what is acknowledged.
            "MASTER_DELAY = 0, IGNORE_SERVER_IDS = ()",
        };
        if (session.IsMariaDb)
            settings.Add("DO_DOMAIN_IDS = (), IGNORE_DOMAIN_IDS = ()");
        settings.AddRange(source.CertificateAuthority is { } authority
            ? ["MASTER_SSL = 1", "MASTER_SSL_CA = " + MySqlText.Literal(authority), "MASTER_SSL_VERIFY_SERVER_CERT = 1"]
            : ["MASTER_SSL = 0"]);
        return "CHANGE MASTER TO " + string.Join(", ", settings);
    }
}
