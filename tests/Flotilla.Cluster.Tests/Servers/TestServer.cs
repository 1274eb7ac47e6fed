using System.Diagnostics;
using System.Globalization;
using Flotilla.Cluster.Core;
using Flotilla.Cluster.Servers;
using Flotilla.MySql;
using Flotilla.TestSupport;
using Flotilla.TestSupport.Databases;

namespace Flotilla.Cluster.Tests.Servers;

/// <summary>A real server as a node has it: prepared, with the settings that are required.</summary>
internal sealed class TestServer : IAsyncDisposable
{
    public static readonly ServerAccounts Accounts = new("a secret of tests");
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly ServerLimits Limits = new() { Quick = TimeSpan.FromSeconds(10), ReadOnly = TimeSpan.FromSeconds(2) };

    /// <summary>
    /// A commit is prepared on disk and in the binary log, but that it was committed is in memory until the next one makes the engine write: so a kill finds it as a loss of power would.
    /// </summary>
    private static readonly string[] Forgetful =
        ["--innodb-flush-log-at-timeout=2700", "--innodb-max-dirty-pages-pct=99.9", "--innodb-max-dirty-pages-pct-lwm=99", "--innodb-stats-auto-recalc=OFF", "--innodb-stats-persistent=OFF"];

    private TestServer(DatabaseServer database, uint id)
    {
        Database = database;
        Id = id;
        Address = new ServerAddress(database.Host, database.Port);
        Managed = new ManagedServer
        {
            Name = new ServerName(string.Create(CultureInfo.InvariantCulture, $"server{id}")),
            ServerId = id,
            Session = new MySqlOptions { UnixSocket = database.SocketPath, User = ServerAccounts.NodeUser, Password = Accounts.NodePassword },
            Accounts = Accounts,
            DataFolder = Path.Combine(database.Folder, "data"),
            Programs = database.Kind == DatabaseKind.MariaDb ? Programs : null,
        };
        Control = new ServerControl(Managed, Limits, TimeProvider.System);
        Observer = new ServerObserver(Managed, TimeProvider.System);
    }

    public static ServerPrograms Programs { get; } = new()
    {
        Binlog = Tool("mariadb-binlog"), Backup = Tool("mariadb-backup"), BackupStream = Tool("mbstream"),
    };

    public DatabaseServer Database { get; }

    public uint Id { get; }

    public ManagedServer Managed { get; }

    public ServerAddress Address { get; }

    public ServerControl Control { get; }

    public ServerObserver Observer { get; }

    public MySqlOptions Root => new() { UnixSocket = Database.SocketPath, CommandTimeout = Patience };

    public MySqlOptions Client => new() { Host = Database.Host, Port = Database.Port, User = "app", Password = "app", CommandTimeout = Patience };

    public static async Task<TestServer> StartAsync(uint id, IReadOnlyCollection<uint> all, DatabaseKind kind = DatabaseKind.MariaDb, params string[] more)
    {
        var server = new TestServer(await DatabaseServer.StartAsync(kind, [.. Arguments(id, kind, ServerRole.Primary), .. more]), id);
        await server.PrepareAsync(all);
        await server.SqlAsync("SET sql_log_bin = 0; CREATE DATABASE app; GRANT ALL ON app.* TO app@'%' IDENTIFIED BY 'app'; GRANT PROCESS ON *.* TO app@'%'");
        return server;
    }

    public Task<PreparationReport> PrepareAsync(IReadOnlyCollection<uint> all) => ServerPreparation.PrepareAsync(Managed, Root, all, Limits, TimeProvider.System);

    public Task KillAsync() => Database.KillAsync();

    public Task RestartAsync(ServerRole role) => Database.StartAgainAsync(Arguments(Id, Database.Kind, role));

    /// <summary>In the role that it died in.</summary>
    public Task RestartAsync(bool hasSuccessor) => RestartAsync(new DataFolder(Managed.DataFolder!).RecoveryRole(hasSuccessor));

    public void Suspend() => Signal("STOP");

    public void Resume() => Signal("CONT");

    /// <summary>As root, who may write to a read-only server.</summary>
    public async Task SqlAsync(string sql)
    {
        await using var session = await MySqlConnection.OpenAsync(Root with { MultiStatements = true });
        await session.ExecuteAsync(sql);
    }

    public async Task<string?> ScalarAsync(string sql)
    {
        await using var session = await MySqlConnection.OpenAsync(Root);
        return await session.QueryScalarAsync(sql);
    }

    /// <summary>As a client, who may not.</summary>
    public async Task WriteAsync(string sql)
    {
        await using var session = await MySqlConnection.OpenAsync(Client);
        await session.ExecuteAsync(sql);
    }

    /// <summary>Rows of app.t.</summary>
    public Task<string?> RowsAsync() => ScalarAsync("SELECT GROUP_CONCAT(id ORDER BY id) FROM app.t");

    public async Task<ServerObservation> SeeAsync()
    {
        var seen = await Observer.ObserveAsync(Patience);
        Assert.True(seen.IsAnswering, seen.Error);
        return seen;
    }

    public Task UntilAsync(Func<ServerObservation, bool> holds, string what) => Deadline.UntilAsync(async () => holds(await SeeAsync()), $"{Managed.Name}: {what}");

    public Task UntilAppliedAsync(string rows) => UntilAppliedAsync(rows, Patience);

    private async Task UntilAppliedAsync(string rows, TimeSpan within)
    {
        try
        {
            await Deadline.UntilAsync(async () => await RowsAsync() == rows, $"{Managed.Name} has the rows {rows}", within);
        }
        catch (TimeoutException)
        {
            Assert.Fail($"{Managed.Name} has the rows {await RowsAsync()}, not {rows}: {await SeeAsync()}");
        }
    }

    public Task UntilRowsWaitAsync(int count)
        => Deadline.UntilAsync(
            async () => await ScalarAsync("SELECT variable_value FROM information_schema.global_status WHERE variable_name = 'RPL_SEMI_SYNC_MASTER_WAIT_SESSIONS'") == count.ToString(CultureInfo.InvariantCulture),
            $"{Managed.Name}: {count} commits wait for an acknowledgement");

    public async ValueTask DisposeAsync()
    {
        await Observer.DisposeAsync();
        await Database.DisposeAsync();
    }

    private static string Tool(string name) => Repository.Combine(".tools", "peers", "mariadb", "usr", "bin", name);

    private static string[] Arguments(uint id, DatabaseKind kind, ServerRole role) => kind switch
    {
        DatabaseKind.MariaDb =>
        [
            "--log-bin=mysql-bin", "--relay-log=mysql-relay", $"--server-id={id}", .. RequiredSettings.MariaDb.Select(setting => setting.Argument), .. RequiredSettings.StartArguments,
            RequiredSettings.RecoveryArgument(role), .. Forgetful,
        ],
        DatabaseKind.MySql56 =>
        [
            "--log-bin=mysql-bin", "--relay-log=mysql-relay", $"--server-id={id}", .. RequiredSettings.MySql.Select(setting => setting.Argument), .. RequiredSettings.StartArguments,
        ],
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };

    private void Signal(string name)
    {
        using var kill = Process.Start("kill", [$"-{name}", Database.ProcessId.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }
}
