using System.CommandLine;
using System.Runtime.Versioning;
using Flotilla.Cli.Commands.Cluster;
using Flotilla.Cli.Commands.Sandboxes;
using Flotilla.Cli.Hosting;
using Flotilla.Cli.Rendering;
using Flotilla.Cluster.Probe;
using Flotilla.Cluster.Topology;
using Flotilla.MySql;
using Flotilla.Sandbox;

namespace Flotilla.Cli.Commands.Up;

/// <summary><c>flotilla up</c>: a cluster that heals itself, on this machine, to see and to try. See docs/design/up.md.</summary>
internal static class UpCommand
{
    private static readonly TimeSpan s_healthyWithin = TimeSpan.FromMinutes(2);

    public static Option<string> FolderOption() => new("--folder")
    {
        Description = "Where servers, data and configuration are. Default: /var/lib/flotilla/up for root, else ~/.local/state/flotilla/up.", HelpName = "folder", DefaultValueFactory = _ => UpFolder.DefaultPath,
    };

    public static CliCommand Create(IConsole console)
    {
        var folder = FolderOption();
        var detach = new Option<bool>("--detach", "-d") { Description = "Return when all servers are healthy. Without it, changes are shown until Ctrl-C, which stops the cluster if this command started it." };
        var load = new Option<bool>("--load") { Description = "Write to it meanwhile: shows writes per second and every gap, and at the end what is lost." };
        var length = new Option<TimeSpan?>("--for") { Description = "With --load: how long to write. Default: until Ctrl-C.", HelpName = "duration", CustomParser = Values.Duration };
        var basedir = new Option<string?>("--basedir") { Description = "Take the MariaDB in this folder. Default: the newest that is found; where there is none it is fetched.", HelpName = "folder" };
        var keep = new Option<bool>("--keep") { Description = "Keep the nodes running, in the foreground.", Hidden = true };
        var json = OutputOptions.Json("With --detach: print addresses, servers and processes as one object.");
        var command = new CliCommand("up", "Start three nodes with three MariaDB servers on this machine: a cluster that heals itself.")
        {
            Examples =
            [
                ("flotilla up", "makes what is not there yet, starts it, says how to connect, and shows what happens"),
                ("flotilla up --load", "and writes to it: kill the primary meanwhile"),
                ("flotilla up --detach", "returns when all are healthy; 'flotilla down' stops it"),
            ],
        };
        foreach (var option in (Option[])[detach, load, length, basedir, folder, keep, json])
            command.Options.Add(option);
        command.Validators.Add(result =>
        {
            if (result.GetValue(detach) && result.GetValue(load))
                result.AddError("--detach and --load exclude each other: somebody has to write.");
            if (result.GetValue(json) && !result.GetValue(detach))
                result.AddError("--json wants --detach: without it, lines are shown until the end.");
            if (result.GetValue(length) is not null && !result.GetValue(load))
                result.AddError("--for wants --load: it says how long to write.");
        });
        return command.Runs(console, async (parsed, cancellationToken) =>
        {
            if (OperatingSystem.IsWindows())
                throw new CliException(ExitCode.Refused, "'up' needs Linux: guards and processes are found by its ways");
            var up = new UpFolder(parsed.GetValue(folder)!);
            if (parsed.GetValue(keep))
            {
                await new UpKeeper(console, up).RunAsync(cancellationToken);
                return ExitCode.Ok;
            }

            var run = new Run(console, up, parsed.GetValue(json));
            var isOurs = await run.StartAsync(parsed.GetValue(basedir), cancellationToken);
            using var watch = new UpWatch(console, up, up.ReadConfigs());
            ClusterTopology healthy;
            try
            {
                healthy = await run.UntilHealthyAsync(watch, cancellationToken);
            }
            catch (OperationCanceledException) when (isOurs)
            {
                await run.StopAsync();
                throw;
            }

            run.Summarize(healthy);
            if (parsed.GetValue(detach))
                return ExitCode.Ok;
            try
            {
                return parsed.GetValue(load)
                    ? await run.LoadAsync(watch, healthy, parsed.GetValue(length), cancellationToken)
                    : await run.WatchAsync(watch, healthy, cancellationToken);
            }
            finally
            {
                if (isOurs)
                    await run.StopAsync();
            }
        });
    }

    /// <summary>One call of the command.</summary>
    [UnsupportedOSPlatform("windows")]
    private sealed class Run(IConsole console, UpFolder up, bool asJson)
    {
        /// <summary>What people type to call us.</summary>
        private string Program => console.Variable("FLOTILLA_CALLED_AS") is { Length: > 0 } given ? given : "flotilla";

        /// <summary>Makes and starts what is not there; false when it ran already.</summary>
        public async Task<bool> StartAsync(string? basedir, CancellationToken cancellationToken)
        {
            if (!up.IsMade)
                up.RequireUsable();
            using var taken = up.Lock();
            if (up.Keeper is not null)
            {
                console.Error.WriteLine($"It is up already, in {up.Path}.");
                return false;
            }

            if (up.IsMade && basedir is not null)
            {
                console.Error.WriteLine("The servers are made already: --basedir is not looked at.");
            }
            else if (!up.IsMade)
            {
                await using var report = new StepReport(console, asJson);
                await new UpMaker(console, up).MakeAsync(report, FindAsync, cancellationToken);

                Task<ServerInstallation> FindAsync(SandboxRoot root)
                    => basedir is null ? UpMaker.FindOrFetchAsync(root, report, cancellationToken) : ServerFinder.Create().FromBasedirAsync(basedir, cancellationToken);
            }

            // Nodes that can't read theirs would be started in vain again and again.
            up.ReadConfigs();
            UpKeeper.Start(up);
            return true;
        }

        public async Task<ClusterTopology> UntilHealthyAsync(UpWatch watch, CancellationToken cancellationToken)
        {
            await using var progress = new ProgressLine(console, "starting the nodes");
            if (await watch.UntilHealthyAsync(s_healthyWithin, text => progress.Report(text), cancellationToken) is { } healthy)
                return healthy;
            var last = await watch.LookAsync(cancellationToken);
            var why = last is null ? "no node answers" : TopologyTable.Headline(last) + string.Concat(last.Members.Where(member => member.Error.Length > 0).Select(member => $"; {member.Name}: {member.Error}"));
            throw new CliException(
                ExitCode.TimedOut, $"the cluster is not healthy after {s_healthyWithin.TotalSeconds:0} s: {why}",
                $"See {up.LogOf("a")}, b.log, c.log and {up.KeeperLog}. It goes on trying; '{Program} down{up.Words}' stops it.");
        }

        public async Task StopAsync()
        {
            if (await UpStop.RunAsync(console, up, CancellationToken.None))
                console.Error.WriteLine($"Stopped. The data are in {up.Path}; '{Program} up{up.Words}' goes on with them, '{Program} down --delete{up.Words}' removes them.");
        }

        public void Summarize(ClusterTopology topology)
        {
            var configs = up.ReadConfigs();
            var facts = new UpFacts(up, configs, topology, Program);
            if (asJson)
            {
                console.Output.WriteLine(JsonText.Object(facts.Write));
                return;
            }

            console.Error.WriteLine(TopologyTable.Headline(topology));
            ListingWriter.Write(console, TopologyTable.Of(topology), asJson: false);
            foreach (var line in facts.Lines())
                console.Output.WriteLine(line);
        }

        public async Task<ExitCode> WatchAsync(UpWatch watch, ClusterTopology known, CancellationToken cancellationToken)
        {
            await watch.RunAsync(known, console.Output.WriteLine, cancellationToken);
            return ExitCode.Ok;
        }

        public async Task<ExitCode> LoadAsync(UpWatch watch, ClusterTopology known, TimeSpan? length, CancellationToken cancellationToken)
        {
            var sandbox = up.Sandboxes(console.Clock).Find(UpFolder.SandboxName)!;
            var password = sandbox.ReadCredentials().ReadWrite;
            var options = new ProbeOptions
            {
                Servers = [.. sandbox.Nodes.Select(node => new MySqlOptions { Port = node.Port, User = "msandbox_rw", Password = password })],
                Table = "load.writes",
                Time = console.Clock,
            };
            return await new ProbeRun(console, options, asJson: false, (tell, ending) => watch.RunAsync(known, tell, ending)).RunAsync(length, cancellationToken);
        }
    }
}
