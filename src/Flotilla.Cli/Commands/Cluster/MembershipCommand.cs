using System.CommandLine;
using Flotilla.Cli.Hosting;

namespace Flotilla.Cli.Commands.Cluster;

/// <summary><c>cluster remove</c> and <c>cluster reprovision</c>: one server, and what becomes of it.</summary>
internal static class MembershipCommand
{
    public static CliCommand CreateRemove(IConsole console)
    {
        var force = new Option<bool>("--force") { Description = "Also when nobody else acknowledges commits: then the server goes on until another one does, and is removed then." };
        return Create(
            console,
            "remove",
            "Take a server out of the cluster for good. Its process goes on, read-only; 'cluster add' takes it back. Not the primary: make another one primary first.",
            [("flotilla cluster remove db3 --plan", "who is left, and what follows"), ("flotilla cluster remove db3", "do it, and wait until nobody counts on it")],
            force);
    }

    public static CliCommand CreateReprovision(IConsole console) => Create(
        console,
        "reprovision",
        "Fill a replica anew from the server that can best give, while writes go on. What only it has is saved to a file before.",
        [("flotilla cluster reprovision db3 --plan", "from whom, and who acknowledges meanwhile"), ("flotilla cluster reprovision db3", "do it, and wait a minute for its end")],
        force: null);

    private static CliCommand Create(IConsole console, string name, string description, (string, string)[] examples, Option<bool>? force)
    {
        var access = new ClusterAccess(console);
        var server = new Argument<string>("server") { Description = "Name of the server, as 'cluster status' shows it." };
        var (plan, json) = (ChangeAnswer.PlanOption(), ChangeAnswer.JsonOption());
        var command = new CliCommand(name, description) { Examples = examples };
        command.Arguments.Add(server);
        foreach (var option in new[] { force, plan, json }.OfType<Option<bool>>())
            command.Options.Add(option);
        access.AddTo(command);
        return command.Runs(console, async (parsed, cancellationToken) =>
        {
            using var client = access.Connect(parsed);
            var isForced = force is not null && parsed.GetValue(force);
            return await ChangeAnswer.AskAsync(
                console, client, $"{name}?server={Uri.EscapeDataString(parsed.GetValue(server)!)}{(isForced ? "&force=true" : "")}", parsed.GetValue(plan), parsed.GetValue(json), cancellationToken);
        });
    }
}
