using System.CommandLine;
using Flotilla.Cli.Hosting;
using Flotilla.Cli.Rendering;

namespace Flotilla.Cli.Commands.Sandboxes;

/// <summary><c>sandbox status</c>: which servers run and replicate.</summary>
internal static class StatusCommand
{
    public static CliCommand Create(IConsole console)
    {
        var root = new RootOption(console);
        var names = root.Complete(new Argument<string[]>("name") { Description = "Only these.", Arity = ArgumentArity.ZeroOrMore });
        var json = OutputOptions.Json("Print an array of objects, one per server.");
        var command = new CliCommand("status", "Show which servers run and how they replicate; exit code 1 when one of them is not well.")
        {
            Examples =
            [
                ("flotilla sandbox status", "all servers of all sandboxes"),
                ("flotilla sandbox status shop --json | jq '.[] | select(.problem)'", "what is wrong with one, for a script"),
            ],
        };
        command.Arguments.Add(names);
        command.Options.Add(json);
        root.AddTo(command);
        return command.Runs(console, async (parsed, cancellationToken) =>
        {
            var sandboxes = root.Read(parsed);
            var wanted = parsed.GetValue(names) is { Length: > 0 } given ? given : [.. sandboxes.List().Select(one => one.Name)];
            var listing = new Listing(
                new Column("Sandbox", "sandbox"), new Column("Server", "node"), new Column("Role", "role"), new Column("Port", "port", CellKind.Count),
                new Column("Process", "process", CellKind.Count), new Column("IO/SQL", "replication"), new Column("Problem", "problem"))
            {
                EmptyText = $"no sandboxes in {sandboxes.Folder}",
            };
            var isWell = true;
            foreach (var name in wanted)
            {
                var status = await sandboxes.StatusAsync(name, cancellationToken);
                isWell &= status.IsWell;
                foreach (var node in status.Nodes)
                {
                    listing.Add(
                        name, node.Node.Name, SandboxFacts.Text(node.Node.Role), node.Node.Port, node.ProcessId,
                        node.Replication.Select(one => $"{one.IoRunning}/{one.SqlRunning}").ToList(), node.Problem);
                }
            }

            ListingWriter.Write(console, listing, parsed.GetValue(json));
            return isWell ? ExitCode.Ok : ExitCode.Failed;
        });
    }
}
