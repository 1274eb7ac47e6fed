using System.Diagnostics;
using System.Globalization;
using Flotilla.Bench.Jobs;
using Flotilla.MySql;
using Flotilla.TestSupport.Databases;

namespace Flotilla.Bench.Databases;

/// <summary>`./bench mysql`: our client beside libmariadb, in turn, on one MariaDB server.</summary>
internal static class MySqlBench
{
    /// <summary>What the ratio to libmariadb has to reach.</summary>
    private const double Target = 0.8;

    private static readonly (string Name, string Query)[] Cases =
    [
        ("SELECT 1 per second", "SELECT 1"),
        ("1,000-row reads per second", "SELECT id, name, amount, at FROM bench.rows_1000"),
    ];

    /// <summary>True when every target was met.</summary>
    public static async Task<bool> RunAsync(int runs, double seconds)
    {
        await using var server = await DatabaseServer.StartAsync(DatabaseKind.MariaDb);
        await FillAsync(server);
        var program = Compile();
        Console.WriteLine($"{Environment.ProcessorCount} processors, shared with the server; one connection over loopback; median of {runs} runs of {seconds:0.#} s");
        Console.WriteLine("| case | libmariadb | flotilla | ratio | target | met |");
        Console.WriteLine("|---|--:|--:|--:|---|---|");
        var allMet = true;
        foreach (var (name, query) in Cases)
        {
            var (theirs, ours) = (new List<Run>(), new List<Run>());
            for (var run = 0; run < runs; run++)
            {
                theirs.Add(RunTheirs(program, server, seconds, query));
                ours.Add(await RunOursAsync(server, seconds, query));
            }

            var (their, our) = (Median.Of(theirs, one => one.PerSecond), Median.Of(ours, one => one.PerSecond));
            var isMet = our >= Target * their;
            allMet &= isMet;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {name} | {their:#,0} | {our:#,0} | {our / their:0.00} | ≥ {Target}x | {(isMet ? "yes" : "NO")} |"));
            var (theirCpu, ourCpu) = (Median.Of(theirs, one => one.CpuUs), Median.Of(ours, one => one.CpuUs));
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| client's CPU, us each | {theirCpu:#,0.0} | {ourCpu:#,0.0} | {ourCpu / theirCpu:0.00} | | |"));
        }

        return allMet;
    }

    private static async Task FillAsync(DatabaseServer server)
    {
        await using var connection = await MySqlConnection.OpenAsync(new MySqlOptions { Host = server.Host, Port = server.Port });
        await connection.ExecuteAsync("CREATE DATABASE bench");
        await connection.UseAsync("bench");
        await connection.ExecuteAsync("CREATE TABLE bench.rows_1000 (id INT PRIMARY KEY, name VARCHAR(40), amount DECIMAL(10,2), at DATETIME)");
        await connection.ExecuteAsync(
            "INSERT INTO bench.rows_1000 SELECT seq, CONCAT('name of row ', seq), seq * 1.25, '2026-01-01' + INTERVAL seq HOUR FROM seq_1_to_1000");
    }

    private static Run RunTheirs(string program, DatabaseServer server, double seconds, string query)
    {
        string[] arguments = [server.Host, server.Port.ToString(CultureInfo.InvariantCulture), seconds.ToString(CultureInfo.InvariantCulture), query];
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, UseShellExecute = false })!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0)
            throw new BenchException($"{program} ended with {process.ExitCode}");
        var figures = output.Split(' ');
        return new Run(double.Parse(figures[0], CultureInfo.InvariantCulture), double.Parse(figures[1], CultureInfo.InvariantCulture));
    }

    private static async Task<Run> RunOursAsync(DatabaseServer server, double seconds, string query)
    {
        await using var connection = await MySqlConnection.OpenAsync(new MySqlOptions { Host = server.Host, Port = server.Port });
        long sum = 0;
        for (var warm = Stopwatch.StartNew(); warm.Elapsed.TotalSeconds < seconds;)
            sum += await ReadAllAsync(connection, query);
        var count = 0;
        using var process = Process.GetCurrentProcess();
        var spent = process.TotalProcessorTime;
        var watch = Stopwatch.StartNew();
        do
        {
            sum += await ReadAllAsync(connection, query);
            count++;
        }
        while (watch.Elapsed.TotalSeconds < seconds);
        GC.KeepAlive(sum);
        var elapsed = watch.Elapsed;
        process.Refresh();
        return new Run(count / elapsed.TotalSeconds, (process.TotalProcessorTime - spent).TotalMicroseconds / count);
    }

    private static async ValueTask<long> ReadAllAsync(MySqlConnection connection, string query)
    {
        var sum = 0L;
        await using var result = await connection.QueryAsync(query);
        var columns = result.ColumnCount;
        while (await result.ReadAsync())
        {
            sum += result.GetInt64(0);
            for (var i = 1; i < columns; i++)
                sum += result.GetBytes(i).Length;
        }

        return sum;
    }

    private readonly record struct Run(double PerSecond, double CpuUs);

    private static string Compile()
    {
        var output = Path.Combine(Jobs.Repository.Combine(".artifacts", "load"), "mysqlload");
        Directory.CreateDirectory(Path.GetDirectoryName(output)!);
        string[] arguments =
        [
            "-O2", "-Wall", "-I/usr/include/mariadb", "-I/usr/include/mariadb/mysql", "-o", output, Jobs.Repository.Combine("benchmarks", "load", "mysqlload.c"), "-lmariadb",
        ];
        using var compiler = Process.Start("gcc", arguments);
        compiler.WaitForExit();
        return compiler.ExitCode == 0 ? output : throw new BenchException("gcc could not build mysqlload.c; eng/peers/fetch.sh brings libmariadb-dev");
    }
}
