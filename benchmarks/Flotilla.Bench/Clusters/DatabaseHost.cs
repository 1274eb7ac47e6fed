using System.Diagnostics;
using Flotilla.Bench.Groups;
using Flotilla.Bench.Jobs;
using Flotilla.Cluster.Servers;
using Flotilla.MySql;

namespace Flotilla.Bench.Clusters;

/// <summary>The files of one host's MariaDB server: the same program, data and settings of durability under every system.</summary>
internal sealed class DatabaseHost
{
    public const string Account = "app";

    private DatabaseHost(int number, string folder, string user) => (Number, Folder, User) = (number, folder, user);

    public static string Peers => Repository.Combine(".tools", "peers");

    public static string Rivals => Repository.Combine(".tools", "rivals");

    public static string Program => Path.Combine(BaseFolder, "sbin", "mariadbd");

    /// <summary>Where scripts of MariaDB, Galera and MHA find their programs.</summary>
    public static string SearchPath => string.Join(':', Path.Combine(Rivals, "bin"), Path.Combine(Rivals, "mha", "usr", "bin"), Path.Combine(BaseFolder, "bin"), Path.Combine(BaseFolder, "sbin"), "/usr/sbin", "/usr/bin", "/sbin", "/bin");

    /// <summary>1 to 3; the server's id too.</summary>
    public int Number { get; }

    public string Folder { get; }

    public string User { get; }

    public string Address => GroupNetwork.AddressOf(Number);

    public string Socket => Path.Combine(Folder, "sock");

    public string Config => Path.Combine(Folder, "my.cnf");

    public string Log => Path.Combine(Folder, "log");

    /// <summary>As an application connects.</summary>
    public MySqlOptions Client => new() { Host = Address, User = Account, Password = Account, ConnectTimeout = TimeSpan.FromSeconds(1), CommandTimeout = TimeSpan.FromSeconds(2) };

    /// <summary>0 when it does not run.</summary>
    public int Process => HostProcess.Find(words => Path.GetFileName(words[0]) == "mariadbd" && words.Contains($"--defaults-file={Config}", StringComparer.Ordinal)).FirstOrDefault();

    private static string BaseFolder => Path.Combine(Peers, "mariadb", "usr");

    /// <param name="number">Which host.</param>
    /// <param name="folder">Made for it.</param>
    /// <param name="template">A data folder to copy.</param>
    /// <param name="settings">More than all systems have in common.</param>
    /// <param name="user">The user that it runs as.</param>
    public static async Task<DatabaseHost> CreateAsync(int number, string folder, string template, IEnumerable<string> settings, string user = "root")
    {
        var host = new DatabaseHost(number, folder, user);
        Directory.CreateDirectory(folder);
        await RunAsync("cp", ["-a", "--sparse=always", template, Path.Combine(folder, "data")]);
        string[] lines =
        [
            "[mariadbd]", $"user={user}", $"basedir={BaseFolder}", $"lc-messages-dir={BaseFolder}/share/mysql", $"plugin-dir={BaseFolder}/lib/mysql/plugin", $"datadir={folder}/data", $"socket={host.Socket}",
            $"pid-file={folder}/pid", $"log-error={host.Log}", "bind-address=0.0.0.0", "port=3306", $"server-id={number}", "skip-name-resolve", "binlog-format=ROW", "innodb-flush-log-at-trx-commit=1", .. settings,
        ];
        await File.WriteAllLinesAsync(host.Config, lines);
        await File.WriteAllTextAsync(host.Log, "");
        await RunAsync("chown", ["-R", user, folder]);
        return host;
    }

    /// <summary>The settings that replication has under all systems that replicate by the binary log, with semi-sync.</summary>
    public static IReadOnlyList<string> ReplicationSettings { get; } =
        ["log-bin=mysql-bin", .. RequiredSettings.MariaDb.Select(setting => setting.Argument.TrimStart('-'))];

    /// <summary>A data folder with the accounts that all systems need, and nothing else.</summary>
    public static async Task<string> MakeTemplateAsync(string folder)
    {
        var data = Path.Combine(folder, "template");
        await RunAsync(
            Path.Combine(Peers, "bin", "mariadb-install-db"), [$"--datadir={data}", "--auth-root-authentication-method=normal", "--skip-test-db", "--skip-name-resolve", "--user=root"]);
        const string sql = """
            FLUSH PRIVILEGES;
            CREATE DATABASE flotilla_probe;
            CREATE DATABASE sbtest;
            CREATE USER app@'%' IDENTIFIED BY 'app';
            GRANT ALL ON flotilla_probe.* TO app@'%';
            GRANT ALL ON sbtest.* TO app@'%';
            CREATE USER repl@'%' IDENTIFIED BY 'repl';
            GRANT REPLICATION SLAVE ON *.* TO repl@'%';
            """;
        await RunAsync(
            Program,
            ["--no-defaults", "--bootstrap", "--user=root", $"--basedir={BaseFolder}", $"--lc-messages-dir={BaseFolder}/share/mysql", $"--plugin-dir={BaseFolder}/lib/mysql/plugin", $"--datadir={data}"],
            sql);
        return data;
    }

    /// <summary>Starts it, with nobody to look after it.</summary>
    public async Task<HostProcess> StartAsync(GroupNetwork network, params string[] arguments)
        => await HostProcess.StartAsync(network, Number, Path.Combine(Folder, "out"), [Program, $"--defaults-file={Config}", .. arguments], new Dictionary<string, string> { ["PATH"] = SearchPath });

    public Task UntilAnsweringAsync(TimeSpan patience) => Wait.UntilAsync(async () => await TryScalarAsync("SELECT 1") == "1", patience, $"the server of host {Number} answers; its log is {Log}");

    /// <summary>As root; statements with semicolons between.</summary>
    public async Task SqlAsync(string sql)
    {
        await using var session = await MySqlConnection.OpenAsync(Root);
        await session.ExecuteAsync(sql);
    }

    public async Task<MySqlTable> TableAsync(string sql)
    {
        await using var session = await MySqlConnection.OpenAsync(Root);
        return await session.QueryTableAsync(sql);
    }

    /// <summary>Null when there is no answer.</summary>
    public async Task<string?> TryScalarAsync(string sql)
    {
        try
        {
            await using var session = await MySqlConnection.OpenAsync(Root);
            return await session.QueryScalarAsync(sql);
        }
        catch (MySqlException)
        {
            return null;
        }
    }

    public static async Task<string> RunAsync(string program, IEnumerable<string> arguments, string? input = null, IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
            start.Environment[name] = value;
        using var process = System.Diagnostics.Process.Start(start)!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        if (input is not null)
            await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
            throw new BenchException($"{program} ended with {process.ExitCode}: {await errors}{await output}");
        return await output;
    }

    private MySqlOptions Root => new() { UnixSocket = Socket, MultiStatements = true, ConnectTimeout = TimeSpan.FromSeconds(1), CommandTimeout = TimeSpan.FromSeconds(10) };
}
