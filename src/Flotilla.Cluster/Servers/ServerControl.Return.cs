using System.Globalization;
using Flotilla.Cluster.Core;
using Flotilla.Disk;
using Flotilla.MySql;

namespace Flotilla.Cluster.Servers;

/// <content>A server that comes back and may have what the cluster has not. The server must be read-only and replicate from nobody.</content>
public sealed partial class ServerControl
{
    /// <summary>
    /// What this server's log has and the primary's has not; empty when it may follow. A flashback that was interrupted is finished first. MySQL that has more is refused, and says what: people mend it.
    /// </summary>
    /// <param name="primaryState">The primary's <see cref="LoggedStateAsync"/>.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public Task<IReadOnlyList<ErrantRange>> CompareAsync(string primaryState, CancellationToken cancellationToken = default)
        => _runner.RunAsync(
            "compare with the primary",
            _limits.Quick,
            async session =>
            {
                if (!session.IsMariaDb)
                    return await CompareMySqlAsync(session, primaryState);
                await session.ExecuteAsync("SET SESSION sql_log_bin = 0");
                await FinishFlashbackAsync(session);
                return GtidState.Parse(await session.ScalarAsync("SELECT @@GLOBAL.gtid_binlog_state")).Without(GtidState.Parse(primaryState));
            },
            cancellationToken);

    /// <summary>Why what the primary has not can't be taken back; null when it can.</summary>
    public Task<string?> FlashbackObstacleAsync(string primaryState, CancellationToken cancellationToken = default)
        => _runner.RunAsync(
            "look at errant transactions",
            _limits.ReadLog,
            async session => await ErrantTail.ReadAsync(session, GtidState.Parse(primaryState)) is { } tail ? tail.Obstacle ?? await CascadeAsync(session, tail.Tables) : null,
            cancellationToken);

    /// <summary>The end of its log, as <c>gtid_binlog_pos</c>.</summary>
    public Task<GtidPosition> LoggedAsync(CancellationToken cancellationToken = default)
        => _runner.RunAsync("read the end of its log", _limits.Quick, async session => GtidPosition.Parse(await session.ScalarAsync("SELECT @@GLOBAL.gtid_binlog_pos")), cancellationToken);

    /// <summary>What its log has, as <c>gtid_binlog_state</c>; MySQL's <c>gtid_executed</c>.</summary>
    public Task<string> LoggedStateAsync(CancellationToken cancellationToken = default)
        => _runner.RunAsync(
            "read what it has logged",
            _limits.Quick,
            session => session.ScalarAsync(session.IsMariaDb ? "SELECT @@GLOBAL.gtid_binlog_state" : "SELECT @@GLOBAL.gtid_executed"),
            cancellationToken);

    /// <summary>Saves what the primary has not to a file that people can read and replay; whole or not at all. Returns false when there is nothing.</summary>
    public Task<bool> SaveErrantAsync(string primaryState, string path, CancellationToken cancellationToken = default)
    {
        const string action = "save errant transactions";
        return _runner.RunAsync(
            action,
            _limits.ReadLog,
            async session =>
            {
                RequireMariaDb(session, action);
                if (await ErrantTail.ReadAsync(session, GtidState.Parse(primaryState)) is not { } tail)
                    return false;
                var fresh = path + ".new";
                await using (var file = new FileStream(fresh, new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite }))
                {
                    await RunBinlogAsync(session, action, tail, ["--verbose", "--verbose"], file);
                    file.Flush(flushToDisk: true);
                }

                File.Move(fresh, path, overwrite: true);
                DiskCalls.FlushFolder(Path.GetDirectoryName(Path.GetFullPath(path))!);
                return true;
            },
            cancellationToken);
    }

    /// <summary>
    /// Takes back what the primary has not, in one transaction, and makes log and position as if it had never been. Refuses what can't be taken back: DDL, tables without transactions,
    /// rows that cascade; then the server must be filled anew. Begun once and interrupted, it is finished by the next <see cref="CompareAsync"/>.
    /// </summary>
    /// <param name="primaryState">The primary's <c>gtid_binlog_state</c>.</param>
    /// <param name="saved">Where it was saved; must be there.</param>
    /// <param name="cancellationToken">Ends it; what was begun is rolled back.</param>
    public Task FlashbackAsync(string primaryState, string saved, CancellationToken cancellationToken = default)
    {
        const string action = "flash back";
        return _runner.RunAsync(
            action,
            _limits.Flashback,
            async session =>
            {
                RequireMariaDb(session, action);
                await session.ExecuteAsync("SET SESSION sql_log_bin = 0");
                await FinishFlashbackAsync(session);
                if (await ErrantTail.ReadAsync(session, GtidState.Parse(primaryState)) is not { } tail)
                    return;
                if (!await IsReadOnlyAsync(session) || (await ReplicaState.ReadAsync(session)).Row is { IsApplierRunning: true })
                    throw _runner.NotReady(action, "it is writable, or its applier runs");
                if (!File.Exists(saved))
                    throw _runner.NotReady(action, $"what would be taken away was not saved: {saved} is not there");
                if ((tail.Obstacle ?? await CascadeAsync(session, tail.Tables)) is { } obstacle)
                    throw _runner.Unsupported(action, obstacle);
                await DropPrimaryFlagAsync(session, action);
                await TakeBackAsync(session, action, tail);
                await FinishFlashbackAsync(session);
            },
            cancellationToken);
    }

    private async Task<IReadOnlyList<ErrantRange>> CompareMySqlAsync(ActionSession session, string primaryState)
    {
        if (primaryState.FirstOrDefault(letter => !char.IsAsciiHexDigit(letter) && letter is not (':' or '-' or ',') && !char.IsWhiteSpace(letter)) is not '\0' and var wrong)
            throw new FormatException($"'{wrong}' stands in a set of GTIDs");
        var errant = await session.ScalarAsync($"SELECT GTID_SUBTRACT(@@GLOBAL.gtid_executed, '{primaryState}')");
        return errant.Length == 0 ? [] : throw _runner.Unsupported("follow the primary", $"it has {errant.ReplaceLineEndings("")}, which the primary has not; with MySQL people mend that");
    }

    private void RequireMariaDb(ActionSession session, string action)
    {
        if (!session.IsMariaDb)
            throw _runner.Unsupported(action, "on MySQL people mend that");
    }

    private async Task TakeBackAsync(ActionSession session, string action, ErrantTail tail)
    {
        using var output = new MemoryStream();
        await RunBinlogAsync(session, action, tail, ["--flashback"], output);
        output.Position = 0;
        using var reader = new StreamReader(output);
        var statements = await FlashbackStatements.ReadAsync(reader, session.CancellationToken);
        // The descriptions of the format come first and are no part of a transaction.
        foreach (var statement in statements.Take(tail.Files.Count))
            await session.ExecuteAsync(statement, shown: "BINLOG '...'");
        await session.ExecuteAsync("START TRANSACTION");
        foreach (var statement in statements.Skip(tail.Files.Count))
            await session.ExecuteAsync(statement, shown: "BINLOG '...'");
        await session.ExecuteAsync(
            $"INSERT INTO {ServerPreparation.FlashbackTable} (id, position, state) VALUES (1, {MySqlText.Literal(tail.Before.Position.ToString())}, {MySqlText.Literal(tail.Before.ToString())})");
        await session.ExecuteAsync("COMMIT");
    }

    /// <summary>The rows are taken back when their mark is there: then log and position follow, as often as it takes.</summary>
    private static async Task FinishFlashbackAsync(ActionSession session)
    {
        var rows = (await session.TableAsync($"SELECT position, state FROM {ServerPreparation.FlashbackTable}")).Rows;
        if (rows.Count == 0)
            return;
        await SetHistoryAsync(session, rows[0][0]!, rows[0][1]!);
        await session.ExecuteAsync($"DELETE FROM {ServerPreparation.FlashbackTable}");
    }

    /// <summary>An empty binary log that begins after a history that is somewhere else.</summary>
    private static async Task SetHistoryAsync(ActionSession session, string position, string state)
    {
        await session.ExecuteAsync("RESET MASTER");
        await session.ExecuteAsync($"SET GLOBAL gtid_binlog_state = {MySqlText.Literal(state)}");
        await session.ExecuteAsync($"SET GLOBAL gtid_slave_pos = {MySqlText.Literal(position)}");
    }

    /// <summary>Rows that go with others are in no log: taking the others back does not bring them.</summary>
    private static async Task<string?> CascadeAsync(ActionSession session, IReadOnlyCollection<string> tables)
    {
        if (tables.Count == 0)
            return null;
        var names = string.Join(", ", tables.Select(table => MySqlText.Literal(table)));
        var found = (await session.TableAsync(
            "SELECT CONCAT(unique_constraint_schema, '.', referenced_table_name), CONCAT(constraint_schema, '.', table_name) FROM information_schema.referential_constraints "
            + $"WHERE CONCAT(unique_constraint_schema, '.', referenced_table_name) IN ({names}) "
            + "AND (update_rule NOT IN ('RESTRICT', 'NO ACTION') OR delete_rule NOT IN ('RESTRICT', 'NO ACTION')) LIMIT 1")).Rows;
        return found.Count == 0 ? null : $"rows of {found[0][1]} may have gone with rows of {found[0][0]}, and are in no log";
    }

    private async Task RunBinlogAsync(ActionSession session, string action, ErrantTail tail, IEnumerable<string> options, Stream output)
    {
        var program = _server.Programs?.Binlog ?? throw _runner.Unsupported(action, "mariadb-binlog is not installed beside it");
        var folder = Path.GetDirectoryName(await session.ScalarAsync("SELECT @@GLOBAL.log_bin_basename"))!;
        var run = await ProgramPipe.RunAsync(
            program,
            ["--no-defaults", .. options, string.Create(CultureInfo.InvariantCulture, $"--start-position={tail.Position}"), .. tail.Files.Select(file => Path.Combine(folder, file))],
            _server.Programs.LibraryFolders,
            input: null,
            output,
            session.CancellationToken);
        if (run is not null)
            throw _runner.Failed(action, program, run);
    }
}
