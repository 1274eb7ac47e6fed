using System.CommandLine;
using Flotilla.Cli.Hosting;
using Flotilla.Cli.Rendering;
using Flotilla.Sandbox;

namespace Flotilla.Cli.Commands.Sandboxes;

/// <summary><c>sandbox start</c> and <c>sandbox stop</c>.</summary>
internal static class RunCommands
{
    public static CliCommand Start(IConsole console) => Complete(
        new CliCommand("start", "Start the servers of sandboxes, those that are replicated from first.")
        {
            Examples = [("flotilla sandbox start shop", "returns when all of them answer")],
        },
        console,
        "started",
        static (root, name, report, cancellationToken) => root.StartAsync(name, report, cancellationToken));

    public static CliCommand Stop(IConsole console) => Complete(
        new CliCommand("stop", "Stop the servers of sandboxes, replicas first.")
        {
            Examples = [("flotilla sandbox stop shop", "returns when all of them have ended; the data stays")],
        },
        console,
        "stopped",
        static (root, name, report, cancellationToken) => root.StopAsync(name, report, cancellationToken));

    private static CliCommand Complete(
        CliCommand command, IConsole console, string outcome, Func<SandboxRoot, string, IProgress<SandboxStep>, CancellationToken, Task> act)
    {
        var root = new RootOption(console);
        var names = root.Complete(new Argument<string[]>("name") { Description = "Names of sandboxes.", Arity = ArgumentArity.OneOrMore });
        var json = OutputOptions.Json("Print an array with name and outcome.");
        command.Arguments.Add(names);
        command.Options.Add(json);
        root.AddTo(command);
        return command.Runs(console, async (parsed, cancellationToken) =>
        {
            var sandboxes = root.Read(parsed);
            var listing = new Listing(new Column("Name", "name"), new Column("Outcome", "outcome"));
            await using (var report = new StepReport(console, parsed.GetValue(json)))
            {
                foreach (var name in parsed.GetValue(names)!)
                {
                    await act(sandboxes, name, report, cancellationToken);
                    listing.Add(name, outcome);
                }
            }

            ListingWriter.Write(console, listing, parsed.GetValue(json));
            return ExitCode.Ok;
        });
    }
}
