using System.CommandLine;
using Flotilla.Cli.Hosting;
using Flotilla.Cli.Rendering;

namespace Flotilla.Cli.Commands.Cluster;

/// <summary><c>cluster maintenance</c>: people work on a server.</summary>
internal static class MaintenanceCommand
{
    public static CliCommand Create(IConsole console)
    {
        var access = new ClusterAccess(console);
        var state = new Argument<string>("state") { Description = "on or off." };
        var server = new Argument<string>("server") { Description = "Name of the server, as 'cluster status' shows it." };
        var plan = ChangeAnswer.PlanOption();
        var json = OutputOptions.Json("Print an object: server, maintenance; with --plan: would, isRefused, reason and follows.");
        state.AcceptOnlyFromAmong("on", "off");
        var command = new CliCommand("maintenance", "Say that people work on a server: it is not made primary, started or killed, and commits need not wait for it.")
        {
            Examples = [("flotilla cluster maintenance on db3", "leave it alone"), ("flotilla cluster maintenance off db3", "look after it again")],
        };
        command.Arguments.Add(state);
        command.Arguments.Add(server);
        command.Options.Add(plan);
        command.Options.Add(json);
        access.AddTo(command);
        return command.Runs(console, async (parsed, cancellationToken) =>
        {
            using var client = access.Connect(parsed);
            var (name, isOn) = (parsed.GetValue(server)!, parsed.GetValue(state) == "on");
            var change = $"maintenance?server={Uri.EscapeDataString(name)}&on={(isOn ? "true" : "false")}";
            if (parsed.GetValue(plan))
                return await ChangeAnswer.AskAsync(console, client, change, isPlan: true, parsed.GetValue(json), cancellationToken);
            await client.AskAsync(HttpMethod.Post, $"/cluster/{change}", cancellationToken);
            if (parsed.GetValue(json))
            {
                console.Output.WriteLine(JsonText.Object(writer =>
                {
                    writer.WriteString("server", name);
                    writer.WriteBoolean("maintenance", isOn);
                }));
            }
            else
            {
                console.Error.WriteLine($"{name} is {(isOn ? "left alone" : "looked after again")}");
            }

            return ExitCode.Ok;
        });
    }
}
