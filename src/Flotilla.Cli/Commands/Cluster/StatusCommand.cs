using System.CommandLine;
using System.Globalization;
using Flotilla.Cli.Hosting;
using Flotilla.Cli.Rendering;
using Flotilla.Cluster.Topology;

namespace Flotilla.Cli.Commands.Cluster;

/// <summary><c>cluster status</c>: which servers there are and what each is.</summary>
internal static class StatusCommand
{
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(1);

    public static CliCommand Create(IConsole console)
    {
        var access = new ClusterAccess(console);
        var watch = new Option<bool>("--watch", "-w") { Description = "Print it again at every change, until interrupted." };
        var count = new Option<long?>("--count", "-c") { Description = "With --watch: stop after so many; the first is the present.", HelpName = "n" };
        var json = OutputOptions.Json("Print an array of objects; with --watch one per line.");
        var command = new CliCommand("status", "Show the servers of a cluster. Ends with 1 when one is not well, or there is no primary.")
        {
            Examples =
            [
                ("flotilla cluster status", "ask the node at 127.0.0.1:4780"),
                ("flotilla cluster status --watch", "follow a failover as it happens"),
                ("flotilla cluster status -n db1 -n db2 --json", "ask the first that answers, for a program"),
            ],
        };
        foreach (var option in (Option[])[watch, count, json])
            command.Options.Add(option);
        access.AddTo(command);
        return command.Runs(console, async (parsed, cancellationToken) =>
        {
            using var client = access.Connect(parsed);
            if (parsed.GetValue(watch))
                return await WatchAsync(console, client, parsed.GetValue(count) ?? long.MaxValue, parsed.GetValue(json), cancellationToken);
            var topology = await client.TopologyAsync(seen: null, cancellationToken);
            Show(console, topology, parsed.GetValue(json));
            return TopologyTable.IsWell(topology) ? ExitCode.Ok : ExitCode.Failed;
        });
    }

    private static void Show(IConsole console, ClusterTopology topology, bool asJson)
    {
        if (!asJson)
            console.Error.WriteLine(TopologyTable.Headline(topology));
        ListingWriter.Write(console, TopologyTable.Of(topology), asJson);
    }

    /// <summary>Goes on when a node dies: that is when people watch.</summary>
    private static async Task<ExitCode> WatchAsync(IConsole console, ClusterClient client, long count, bool asJson, CancellationToken cancellationToken)
    {
        var last = await client.TopologyAsync(seen: null, cancellationToken);
        Draw(last);
        while (--count > 0)
        {
            ClusterTopology next;
            try
            {
                next = await client.TopologyAsync(last, cancellationToken);
            }
            catch (CliException failure) when (failure.Code is ExitCode.NoServer or ExitCode.ConnectionLost)
            {
                ErrorText.Write(console, failure.Message);
                count++;
                await Task.Delay(s_pause, console.Clock, cancellationToken);
                continue;
            }

            if ((next.Epoch, next.Version) == (last.Epoch, last.Version))
                count++;
            else
                Draw(next);
            last = next;
        }

        return ExitCode.Ok;

        void Draw(ClusterTopology topology)
        {
            if (!asJson)
                console.Error.WriteLine(topology.At.ToLocalTime().ToString("HH:mm:ss.fff", CultureInfo.InvariantCulture));
            Show(console, topology, asJson);
        }
    }
}
