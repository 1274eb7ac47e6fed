using System.CommandLine;
using System.Net;
using System.Text.Json;
using Flotilla.Cli.Hosting;
using Flotilla.Cli.Rendering;
using Flotilla.Cluster.Core;

namespace Flotilla.Cli.Commands.Cluster;

/// <summary><c>cluster switchover</c> and <c>cluster failover</c>: another primary.</summary>
internal static class OrderCommand
{
    public static CliCommand Create(IConsole console, OrderKind kind)
    {
        var isSwitchover = kind == OrderKind.Switchover;
        var access = new ClusterAccess(console);
        var to = new Option<string?>("--to") { Description = "Server that shall be primary. Default: the one that suits best.", HelpName = "server" };
        var force = new Option<bool>("--force") { Description = "Also when something may be lost by it, in a pause, or soon after the last failover. What may be lost is recorded in the history." };
        var plan = new Option<bool>("--plan") { Description = "Only say what would be decided." };
        var json = OutputOptions.Json("Print an object: isDone, isOpen and decisions; with --plan: would, isRefused and reason.");
        var command = isSwitchover
            ? new CliCommand("switchover", "Make another server primary while the present one is well. Nothing is lost by it.")
            {
                Examples = [("flotilla cluster switchover --to db2 --plan", "what would be done"), ("flotilla cluster switchover --to db2", "do it, and wait until it is done")],
            }
            : new CliCommand("failover", "Give up the primary and make another server one.")
            {
                Examples = [("flotilla cluster failover --plan", "what would be done"), ("flotilla cluster failover --force", "go on although a server that may have acknowledged commits can't be asked")],
            };
        foreach (var option in (Option[])[to, force, plan, json])
            command.Options.Add(option);
        access.AddTo(command);
        return command.Runs(console, async (parsed, cancellationToken) =>
        {
            using var client = access.Connect(parsed);
            var query = new List<string>();
            if (parsed.GetValue(to) is { } server)
                query.Add($"to={Uri.EscapeDataString(server)}");
            if (parsed.GetValue(force))
                query.Add("force=true");
            if (parsed.GetValue(plan))
                query.Add("plan=true");
            var (status, answer) = await client.AskAsync(HttpMethod.Post, $"/cluster/{command.Name}?{string.Join('&', query)}", cancellationToken);
            if (parsed.GetValue(json))
                console.Output.WriteLine(answer.GetRawText());
            return parsed.GetValue(plan) ? TellPlan(console, answer, parsed.GetValue(json)) : Tell(console, status, answer, parsed.GetValue(json));
        });
    }

    private static ExitCode TellPlan(IConsole console, JsonElement answer, bool isTold)
    {
        var isRefused = answer.GetProperty("isRefused").GetBoolean();
        if (!isTold)
        {
            console.Output.WriteLine(CellText.Printable(answer.GetProperty("would").GetString() ?? "nothing would be done"));
            console.Output.WriteLine(CellText.Printable($"because: {answer.GetProperty("reason").GetString()}"));
        }

        return isRefused ? ExitCode.Refused : ExitCode.Ok;
    }

    private static ExitCode Tell(IConsole console, HttpStatusCode status, JsonElement answer, bool isTold)
    {
        if (!isTold)
            ListingWriter.Write(console, DecisionTable.Of(answer), asJson: false);
        return status switch
        {
            HttpStatusCode.Conflict => throw new CliException(ExitCode.Refused, answer.GetProperty("error").GetString()!),
            HttpStatusCode.Accepted => throw new CliException(ExitCode.TimedOut, "still under way", "Follow it with 'flotilla cluster status --watch' and 'flotilla cluster history'."),
            _ => ExitCode.Ok,
        };
    }
}
