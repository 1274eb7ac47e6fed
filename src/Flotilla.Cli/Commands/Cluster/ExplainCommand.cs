using System.CommandLine;
using System.Text.Json;
using Flotilla.Cli.Hosting;
using Flotilla.Cli.Rendering;

namespace Flotilla.Cli.Commands.Cluster;

/// <summary><c>cluster explain</c>: why a server is as it is, and what would happen if it died.</summary>
internal static class ExplainCommand
{
    public static CliCommand Create(IConsole console)
    {
        var access = new ClusterAccess(console);
        var server = new Argument<string>("server") { Description = "Name of the server, as 'cluster status' shows it." };
        var json = OutputOptions.Json("Print an object: server, now, ifItDied.");
        var command = new CliCommand("explain", "Explain why a server is as it is, and what would happen now if it died.")
        {
            Examples = [("flotilla cluster explain db1", "why, and what if")],
        };
        command.Arguments.Add(server);
        command.Options.Add(json);
        access.AddTo(command);
        return command.Runs(console, async (parsed, cancellationToken) =>
        {
            using var client = access.Connect(parsed);
            var answer = await client.GetAsync($"/cluster/explain/{Uri.EscapeDataString(parsed.GetValue(server)!)}", cancellationToken);
            if (parsed.GetValue(json))
            {
                console.Output.WriteLine(answer.GetRawText());
                return ExitCode.Ok;
            }

            WriteLines(console, answer, "now");
            console.Output.WriteLine($"If {answer.GetProperty("server").GetString()} died:");
            WriteLines(console, answer, "ifItDied");
            return ExitCode.Ok;
        });
    }

    private static void WriteLines(IConsole console, JsonElement answer, string name)
    {
        foreach (var line in answer.GetProperty(name).EnumerateArray())
            console.Output.WriteLine($"  {CellText.Printable(line.GetString()!)}");
    }
}
