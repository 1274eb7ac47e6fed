using System.CommandLine;
using Flotilla.Cli.Commands.Jobs;
using Flotilla.Cli.Hosting;
using Flotilla.Cluster.Hosting;
using Flotilla.Node;

namespace Flotilla.Cli.Commands.Nodes;

/// <summary><c>flotilla node</c>: a database host's part in a cluster that heals itself, in the foreground.</summary>
internal static class NodeCommand
{
    private static readonly TimeSpan StopGrace = TimeSpan.FromSeconds(30);

    public static CliCommand Create(IConsole console)
    {
        var config = new Option<string>("--config", "-c")
        {
            Description = "YAML file that says who the node is and which servers it looks after; see docs/reference/configuration.md.", HelpName = "file", Required = true,
        };
        var check = new Option<bool>("--check") { Description = "Only say whether the file can be used, and whether its ports are free." };
        var stopServers = new Option<bool>("--stop-servers")
        {
            Description = "Stop this host's database servers too when the node is told to stop. Without it they go on; a primary gives way to another server first, if one is ready (cluster.onStop).",
        };
        var log = new LogOptions("Log more: -v what is tried, too, -vv everything. Decisions about servers are always logged.", verbosityAlways: 1);
        var json = OutputOptions.Json("Once it listens, print name and addresses as one object.");
        var command = new CliCommand("node", "Run this host's part in a cluster: member of the group, parent of its database servers, job server, host worker, HTTP.")
        {
            Examples =
            [
                ("flotilla node --config /etc/flotilla/flotilla.yaml", "on every host, in any order; a majority that is there begins"),
                ("flotilla node --config flotilla.yaml --check", "says what is wrong with the file and starts nothing"),
                ("flotilla node --config flotilla.yaml --log-file /var/log/flotilla.log --pid-file /run/flotilla.pid", "SIGHUP opens the log again; SIGTERM ends the node, not its servers"),
            ],
        };
        foreach (var option in (Option[])[config, check, stopServers])
            command.Options.Add(option);
        log.AddTo(command);
        command.Options.Add(json);
        return command.Runs(console, async (parsed, cancellationToken) =>
        {
            var file = parsed.GetValue(config)!;
            var options = ServeOptions.Load(file);
            if (options.Cluster is null)
                throw new CliException(ExitCode.Usage, $"{file} has no section 'cluster'", "See docs/reference/configuration.md, or run a job server alone with 'flotilla jobs serve --config'.");
            if (parsed.GetValue(check))
                return Check(console, file, options);
            if (NodePlaces.Problems(options, mayRun: false) is { Count: > 0 } problems)
                throw new CliException(ExitCode.Failed, $"{file} can't be used now: {string.Join("; ", problems)}", "End what is there, or name other places in the file. Nothing was started, and nothing changed.");
            var run = new NodeRun(console, options, log.Read(parsed), parsed.GetValue(stopServers) ? StopGrace : null, parsed.GetValue(json));
            return await run.RunAsync(cancellationToken);
        });
    }

    private static ExitCode Check(IConsole console, string file, NodeOptions options)
    {
        List<string> problems = [.. new[] { options.Cluster!.SecretFile, options.Management.SecretFile }.OfType<string>().Where(secret => !File.Exists(secret)).Select(secret => $"{secret} must hold a secret, and is not there")];
        if (problems.Count > 0)
            throw new CliException(ExitCode.Usage, $"{file} can't be used here: {string.Join("; ", problems)}");
        if (NodePlaces.Problems(options, mayRun: true) is { Count: > 0 } taken)
            throw new CliException(ExitCode.Failed, $"{file} can't be used now: {string.Join("; ", taken)}", "End what is there, or name other places in the file.");
        console.Output.WriteLine($"{file} can be used");
        foreach (var server in options.Cluster.Servers.Where(server => server.Supervise == Supervision.Watch))
            console.Output.WriteLine($"  {server.Name} is only watched: it follows and acknowledges, nobody here starts or ends it, and it never becomes primary. Its option file must include {Path.Combine(server.Folder, "start.cnf")} as the last line.");
        return ExitCode.Ok;
    }
}
