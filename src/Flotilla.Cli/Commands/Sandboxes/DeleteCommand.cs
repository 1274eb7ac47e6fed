using System.CommandLine;
using Flotilla.Cli.Hosting;
using Flotilla.Cli.Rendering;

namespace Flotilla.Cli.Commands.Sandboxes;

/// <summary><c>sandbox delete</c>: ends servers and removes their data, after asking.</summary>
internal static class DeleteCommand
{
    public static CliCommand Create(IConsole console)
    {
        var root = new RootOption(console);
        var names = root.Complete(new Argument<string[]>("name") { Description = "Names of sandboxes.", Arity = ArgumentArity.OneOrMore });
        var yes = new Option<bool>("--yes", "-y") { Description = "Don't ask." };
        var json = OutputOptions.Json("Print an array with name and outcome.");
        var command = new CliCommand("delete", "End the servers of sandboxes and remove them with all their data.")
        {
            Examples =
            [
                ("flotilla sandbox delete shop", "asks first"),
                ("flotilla sandbox delete shop old --yes", "two of them, without a question"),
            ],
        };
        command.Arguments.Add(names);
        command.Options.Add(yes);
        command.Options.Add(json);
        root.AddTo(command);
        return command.Runs(console, async (parsed, cancellationToken) =>
        {
            var sandboxes = root.Read(parsed);
            var wanted = parsed.GetValue(names)!;
            var missing = wanted.Where(name => sandboxes.Find(name) is null).ToList();
            if (missing.Count > 0)
                throw new CliException(ExitCode.NotFound, $"there is no sandbox {string.Join(", ", missing)} in {sandboxes.Folder}", "Nothing was deleted.");
            if (!parsed.GetValue(yes) && !Asked(console, wanted))
                return ExitCode.Refused;
            var listing = new Listing(new Column("Name", "name"), new Column("Outcome", "outcome"));
            await using (var report = new StepReport(console, parsed.GetValue(json)))
            {
                foreach (var name in wanted)
                    listing.Add(name, await sandboxes.RemoveAsync(name, report, cancellationToken) ? "deleted" : "gone already");
            }

            ListingWriter.Write(console, listing, parsed.GetValue(json));
            return ExitCode.Ok;
        });
    }

    private static bool Asked(IConsole console, string[] names)
    {
        if (!console.IsInputTerminal)
            throw new CliException(ExitCode.Usage, $"deleting {string.Join(", ", names)} wants a yes", "Give --yes.");
        console.Error.Write($"Delete {string.Join(", ", names)} with all data? [y/N] ");
        using var reader = new StreamReader(console.Input, leaveOpen: true);
        if (reader.ReadLine()?.Trim().ToLowerInvariant() is "y" or "yes")
            return true;
        console.Error.WriteLine("Nothing was deleted.");
        return false;
    }
}
