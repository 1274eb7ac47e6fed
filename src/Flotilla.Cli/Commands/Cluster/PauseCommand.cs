using System.CommandLine;
using Flotilla.Cli.Hosting;
using Flotilla.Cli.Rendering;

namespace Flotilla.Cli.Commands.Cluster;

/// <summary><c>cluster pause</c>: nothing happens but what a person orders.</summary>
internal static class PauseCommand
{
    public static CliCommand Create(IConsole console)
    {
        var access = new ClusterAccess(console);
        var state = new Argument<string>("state") { Description = "on or off. Default on.", DefaultValueFactory = _ => "on" };
        var plan = ChangeAnswer.PlanOption();
        var json = OutputOptions.Json("Print an object: paused; with --plan: would, isRefused, reason and follows.");
        state.AcceptOnlyFromAmong("on", "off");
        var command = new CliCommand("pause", "Let the cluster decide nothing by itself. A primary that loses its majority still ends.")
        {
            Examples = [("flotilla cluster pause", "only what a person orders is done"), ("flotilla cluster pause off", "go on by itself")],
        };
        command.Arguments.Add(state);
        command.Options.Add(plan);
        command.Options.Add(json);
        access.AddTo(command);
        return command.Runs(console, async (parsed, cancellationToken) =>
        {
            using var client = access.Connect(parsed);
            var isOn = parsed.GetValue(state) == "on";
            var change = $"pause?on={(isOn ? "true" : "false")}";
            if (parsed.GetValue(plan))
                return await ChangeAnswer.AskAsync(console, client, change, isPlan: true, parsed.GetValue(json), cancellationToken);
            await client.AskAsync(HttpMethod.Post, $"/cluster/{change}", cancellationToken);
            if (parsed.GetValue(json))
                console.Output.WriteLine(JsonText.Object(writer => writer.WriteBoolean("paused", isOn)));
            else
                console.Error.WriteLine(isOn ? "paused: nothing is decided but what a person orders" : "the cluster decides by itself again");
            return ExitCode.Ok;
        });
    }
}
