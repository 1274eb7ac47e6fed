using System.CommandLine;
using System.Globalization;
using Flotilla.Cli.Hosting;
using Flotilla.Cli.Rendering;
using Flotilla.Cluster.Core;

namespace Flotilla.Cli.Commands.Cluster;

/// <summary><c>cluster history</c>: what was decided, and why.</summary>
internal static class HistoryCommand
{
    public static CliCommand Create(IConsole console)
    {
        var access = new ClusterAccess(console);
        var limit = new Option<int?>("--limit") { Description = $"How many, at most {ClusterState.HistoryMax}. Default 20.", HelpName = "n" };
        var json = OutputOptions.Json("Print an array of objects, with what was seen of each server.");
        var command = new CliCommand("history", "Show the last decisions of a cluster, oldest first, with their reasons.")
        {
            Examples =
            [
                ("flotilla cluster history", "the last twenty"),
                ("flotilla cluster history --limit 500 --json", "all that is kept, with the observations"),
            ],
        };
        command.Options.Add(limit);
        command.Options.Add(json);
        command.Validators.Add(result =>
        {
            if (result.GetValue(limit) is < 1 or > ClusterState.HistoryMax)
                result.AddError($"--limit must be 1 to {ClusterState.HistoryMax}.");
        });
        access.AddTo(command);
        return command.Runs(console, async (parsed, cancellationToken) =>
        {
            using var client = access.Connect(parsed);
            var answer = await client.GetAsync(string.Create(CultureInfo.InvariantCulture, $"/cluster/history?limit={parsed.GetValue(limit) ?? 20}"), cancellationToken);
            ListingWriter.Write(console, DecisionTable.Of(answer), parsed.GetValue(json));
            return ExitCode.Ok;
        });
    }
}
