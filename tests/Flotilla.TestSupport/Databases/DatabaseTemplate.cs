using System.Diagnostics;

namespace Flotilla.TestSupport.Databases;

/// <summary>A data directory with the system tables in it, made once per test program and copied for each server.</summary>
internal static class DatabaseTemplate
{
    private static readonly Dictionary<DatabaseKind, Task<string>> Made = new();

    /// <summary>Small files and little waiting for disks: what a test server is for is gone when it is.</summary>
    private static readonly string[] SmallInnoDb =
    [
        "--innodb-log-file-size=4M", "--innodb-buffer-pool-size=24M", "--innodb-autoextend-increment=1", "--innodb-flush-log-at-trx-commit=0",
        "--innodb-doublewrite=0", "--innodb-flush-method=nosync",
    ];

    public static string Peers => Repository.Combine(".tools", "peers");

    /// <summary>Where <c>share</c> and <c>bin</c> or <c>sbin</c> are.</summary>
    public static string BaseFolder(DatabaseKind kind) => kind switch
    {
        DatabaseKind.MariaDb => Path.Combine(Peers, "mariadb", "usr"),
        DatabaseKind.MySql56 => Path.Combine(Peers, "mysql56"),
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };

    public static string Program(DatabaseKind kind) => Path.Combine(Peers, "bin", kind == DatabaseKind.MariaDb ? "mariadbd" : "mysqld-5.6");

    /// <summary>Arguments that the template and the servers on copies of it must share.</summary>
    public static IEnumerable<string> CommonArguments(DatabaseKind kind)
    {
        yield return "--no-defaults";
        yield return "--basedir=" + BaseFolder(kind);
        yield return "--lc-messages-dir=" + Path.Combine(BaseFolder(kind), "share", kind == DatabaseKind.MariaDb ? "mysql" : "");
        if (kind == DatabaseKind.MariaDb)
            yield return "--plugin-dir=" + Path.Combine(BaseFolder(kind), "lib", "mysql", "plugin");
        if (Environment.UserName is "root")
            yield return "--user=root";
        foreach (var argument in SmallInnoDb)
        {
            // MySQL 5.6 has no nosync; O_DSYNC and the default flush, which the other options make rare.
            if (kind != DatabaseKind.MySql56 || !argument.EndsWith("=nosync", StringComparison.Ordinal))
                yield return argument;
        }
    }

    /// <summary>Copies the template, made when first asked for.</summary>
    public static async Task CopyToAsync(DatabaseKind kind, string folder)
    {
        Task<string>? making;
        lock (Made)
        {
            if (!Made.TryGetValue(kind, out making))
                Made[kind] = making = Task.Run(() => MakeAsync(kind));
        }

        var template = await making;
        await RunAsync("cp", ["-a", "--sparse=always", "--reflink=auto", template + "/.", folder], input: null);
    }

    private static async Task<string> MakeAsync(DatabaseKind kind)
    {
        var folder = Directory.CreateTempSubdirectory("flotilla-template-").FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(folder, recursive: true);
        var data = Path.Combine(folder, "data");
        if (kind == DatabaseKind.MariaDb)
        {
            string[] user = Environment.UserName is "root" ? ["--user=root"] : [];
            await RunAsync(
                Path.Combine(Peers, "bin", "mariadb-install-db"),
                ["--datadir=" + data, "--auth-root-authentication-method=normal", "--skip-test-db", "--skip-name-resolve", .. user, .. SmallInnoDb],
                input: null);
            return data;
        }

        Directory.CreateDirectory(Path.Combine(data, "mysql"));
        var share = Path.Combine(BaseFolder(kind), "share");
        var sql = "use mysql;\n" + await File.ReadAllTextAsync(Path.Combine(share, "mysql_system_tables.sql"))
            + await File.ReadAllTextAsync(Path.Combine(share, "mysql_system_tables_data.sql"));
        await RunAsync(Program(kind), [.. CommonArguments(kind), "--bootstrap", "--datadir=" + data, "--skip-name-resolve"], sql);
        return data;
    }

    private static async Task RunAsync(string program, IEnumerable<string> arguments, string? input)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        if (input is not null)
            await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{program} ended with {process.ExitCode}; is eng/peers/fetch.sh complete?\n{await output}\n{await errors}");
        }
    }
}
