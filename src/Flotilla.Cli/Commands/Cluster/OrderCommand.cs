using System.CommandLine;
using Flotilla.Cli.Hosting;
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
        var plan = ChangeAnswer.PlanOption();
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
            var query = $"force={(parsed.GetValue(force) ? "true" : "false")}{(parsed.GetValue(to) is { } server ? $"&to={Uri.EscapeDataString(server)}" : "")}";
            return await ChangeAnswer.AskAsync(console, client, $"{command.Name}?{query}", parsed.GetValue(plan), parsed.GetValue(json), cancellationToken);
        });
    }
}
