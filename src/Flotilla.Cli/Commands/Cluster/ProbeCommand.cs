using System.CommandLine;
using Flotilla.Cli.Hosting;
using Flotilla.Cluster.Probe;
using Flotilla.MySql;

namespace Flotilla.Cli.Commands.Cluster;

/// <summary><c>cluster probe</c>: a client that writes, and says how long it could not and what is lost.</summary>
internal static class ProbeCommand
{
    private const int DefaultPort = 3306;

    public static CliCommand Create(IConsole console)
    {
        var defaults = new ProbeOptions { Servers = [] };
        var servers = new Option<string[]>("--servers") { Description = "All servers, none of them a proxy: HOST:PORT with commas between, or repeated.", HelpName = "host:port", Required = true };
        var user = new Option<string>("--user", "-u") { Description = "An ordinary account, which read-only servers stop.", HelpName = "name", Required = true };
        var passwordFile = new Option<string?>("--password-file") { Description = "File whose first line is its password. Default: no password.", HelpName = "file" };
        var rate = new Option<double?>("--rate") { Description = "Writes per second of each writer, up to 1000. Default 100.", HelpName = "n" };
        var writers = new Option<int?>("--writers") { Description = "How many clients write, up to 100. Default 1.", HelpName = "n" };
        var length = new Option<TimeSpan?>("--for") { Description = "How long to write. Default: until Ctrl-C.", HelpName = "duration", CustomParser = Values.Duration };
        var timeout = new Option<TimeSpan?>("--timeout") { Description = "How long a connection or an answer may take before it is given up. Default 1s.", HelpName = "duration", CustomParser = Values.Duration };
        var table = new Option<string?>("--table") { Description = $"Table to write to, made when it is not there. Default {defaults.Table}.", HelpName = "schema.table" };
        var json = OutputOptions.Json("Print one object at the end, with all outages.");
        var command = new CliCommand("probe", "Write to the servers of any cluster, tell how long no write was acknowledged, and at the end what is lost. Ends with 1 when anything is.")
        {
            Examples =
            [
                ("flotilla cluster probe --servers 127.0.0.1:3311,127.0.0.1:3312,127.0.0.1:3313 -u app --password-file app.pw", "until Ctrl-C; kill the primary meanwhile"),
                ("flotilla cluster probe --servers db1,db2,db3 -u app --password-file app.pw --for 60s --json", "for a program, with the port 3306"),
            ],
        };
        foreach (var option in (Option[])[servers, user, passwordFile, rate, writers, length, timeout, table, json])
            command.Options.Add(option);
        return command.Runs(console, async (parsed, cancellationToken) =>
        {
            var password = parsed.GetValue(passwordFile) is { } path ? SecretFile.Read(path) : "";
            var options = defaults with
            {
                Servers = [.. parsed.GetValue(servers)!.SelectMany(list => list.Split([',', ' '], StringSplitOptions.RemoveEmptyEntries)).Select(address => Server(address) with { User = parsed.GetValue(user)!, Password = password })],
                Table = parsed.GetValue(table) ?? defaults.Table,
                Rate = parsed.GetValue(rate) ?? defaults.Rate,
                Writers = parsed.GetValue(writers) ?? defaults.Writers,
                Timeout = parsed.GetValue(timeout) ?? defaults.Timeout,
                Time = console.Clock,
            };
            if (options.Problems() is { Count: > 0 } problems)
                throw new CliException(ExitCode.Usage, string.Join("; ", problems));
            return await new ProbeRun(console, options, parsed.GetValue(json)).RunAsync(parsed.GetValue(length), cancellationToken);
        });
    }

    private static MySqlOptions Server(string address)
    {
        if (!Uri.TryCreate($"tcp://{address}", UriKind.Absolute, out var uri) || uri.Host.Length == 0 || uri.PathAndQuery.Length > 1 || uri.UserInfo.Length > 0)
            throw new CliException(ExitCode.Usage, $"'{address}' is no address of a server", "Write HOST, HOST:PORT or [::1]:PORT.");
        return new MySqlOptions { Host = uri.DnsSafeHost, Port = uri.Port < 0 ? DefaultPort : uri.Port };
    }
}
