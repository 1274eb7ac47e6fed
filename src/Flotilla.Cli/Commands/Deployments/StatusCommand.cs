using System.CommandLine;
using Flotilla.Cli.Hosting;
using Flotilla.Cli.Rendering;
using Flotilla.Deployment;

namespace Flotilla.Cli.Commands.Deployments;

/// <summary><c>deploy status</c>: how the servers of deployments are.</summary>
internal static class StatusCommand
{
    public static CliCommand Create(IConsole console)
    {
        var deployer = new DeployerOption(console);
        var names = deployer.Complete(new Argument<string[]>("name") { Description = "Only these.", Arity = ArgumentArity.ZeroOrMore });
        var json = OutputOptions.Json("Print an array of objects, one per server.");
        var command = new CliCommand("status", "Ask the hosts how the servers of deployments run and replicate; exit code 1 when one of them is not well.")
        {
            Examples =
            [
                ("flotilla deploy status", "all deployments made from here"),
                ("flotilla deploy status shop --json | jq '.[] | select(.problem)'", "what is wrong with one, for a script"),
            ],
        };
        command.Arguments.Add(names);
        command.Options.Add(json);
        deployer.AddTo(command);
        return command.Runs(console, async (parsed, cancellationToken) =>
        {
            var folder = deployer.Folder(parsed);
            var wanted = parsed.GetValue(names) is { Length: > 0 } given ? given : [.. Deployer.List(folder)];
            var listing = new Listing(
                new Column("Deployment", "deployment"), new Column("State", "deploymentState"), new Column("Server", "node"), new Column("Host", "host"), new Column("Address", "address"),
                new Column("Port", "port", CellKind.Count), new Column("Process", "process", CellKind.Count), new Column("IO/SQL", "replication"), new Column("Problem", "problem"))
            {
                EmptyText = $"no deployments in {folder}; 'flotilla deploy replication' makes one",
            };
            var isWell = true;
            await using var deploys = deployer.Create(parsed, wanted);
            foreach (var name in wanted)
            {
                var conditions = await deploys.StatusAsync(name, cancellationToken);
                var state = Deployer.Find(folder, name)?.State ?? DeploymentState.Removing;
                isWell &= state == DeploymentState.Deployed && conditions.All(one => one.IsWell);
                foreach (var (node, fact, problem) in conditions)
                {
                    listing.Add(
                        name, state.ToString().ToLowerInvariant(), node.Name, node.Host, node.Address, node.Port, fact?.ProcessId,
                        fact?.Replication ?? [], problem is null ? null : CellText.Printable(problem));
                }
            }

            ListingWriter.Write(console, listing, parsed.GetValue(json));
            return isWell ? ExitCode.Ok : ExitCode.Failed;
        });
    }
}
