using System.CommandLine;
using Flotilla.Cli.Hosting;
using Flotilla.Cli.Rendering;
using Flotilla.Deployment;

namespace Flotilla.Cli.Commands.Deployments;

/// <summary><c>deploy remove</c>: takes deployments away on every host, after asking.</summary>
internal static class RemoveCommand
{
    public static CliCommand Create(IConsole console)
    {
        var deployer = new DeployerOption(console);
        var names = deployer.Complete(new Argument<string[]>("name") { Description = "Names of deployments.", Arity = ArgumentArity.OneOrMore });
        var yes = new Option<bool>("--yes", "-y") { Description = "Don't ask." };
        var json = OutputOptions.Json("Print an array with deployment and outcome.");
        var command = new CliCommand("remove", "End the servers of deployments and remove them, with all their data, on every host and here.")
        {
            Examples =
            [
                ("flotilla deploy remove shop", "asks first"),
                ("flotilla deploy remove shop --yes", "also finishes a removal that was interrupted"),
            ],
        };
        command.Arguments.Add(names);
        command.Options.Add(yes);
        command.Options.Add(json);
        deployer.AddTo(command);
        return command.Runs(console, async (parsed, cancellationToken) =>
        {
            var wanted = parsed.GetValue(names)!;
            var folder = deployer.Folder(parsed);
            var missing = wanted.Where(name => Deployer.Find(folder, name) is null).ToList();
            if (missing.Count > 0)
                throw new CliException(ExitCode.NotFound, $"there is no deployment {string.Join(", ", missing)} in {folder}", "Nothing was removed.");
            if (!parsed.GetValue(yes) && !Asked(console, wanted))
                return ExitCode.Refused;
            var listing = new Listing(new Column("Deployment", "deployment"), new Column("Outcome", "outcome"));
            await using var deploys = deployer.Create(parsed, wanted);
            await using (var report = new DeploymentReport(console, parsed.GetValue(json)))
            {
                foreach (var name in wanted)
                {
                    await deploys.RemoveAsync(name, report, cancellationToken);
                    listing.Add(name, "removed");
                }
            }

            ListingWriter.Write(console, listing, parsed.GetValue(json));
            return ExitCode.Ok;
        });
    }

    private static bool Asked(IConsole console, string[] names)
    {
        if (!console.IsInputTerminal)
            throw new CliException(ExitCode.Usage, $"removing {string.Join(", ", names)} wants a yes", "Give --yes.");
        console.Error.Write($"Remove {string.Join(", ", names)} with all data on all hosts? [y/N] ");
        using var reader = new StreamReader(console.Input, leaveOpen: true);
        if (reader.ReadLine()?.Trim().ToLowerInvariant() is "y" or "yes")
            return true;
        console.Error.WriteLine("Nothing was removed.");
        return false;
    }
}
