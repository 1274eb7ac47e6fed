using Flotilla.Cli.Hosting;
using Flotilla.Cli.Rendering;
using Flotilla.Sandbox;

namespace Flotilla.Cli.Commands.Sandboxes;

/// <summary><c>sandbox list</c>: what there is.</summary>
internal static class ListCommand
{
    public static CliCommand Create(IConsole console)
    {
        var root = new RootOption(console);
        var json = OutputOptions.Json("Print an array of objects.");
        var command = new CliCommand("list", "List the sandboxes that are there.")
        {
            Examples =
            [
                ("flotilla sandbox list", "names, topologies, versions and ports"),
                ("flotilla sandbox list --json | jq -r '.[].name'", "names for a script"),
            ],
        };
        command.Options.Add(json);
        root.AddTo(command);
        return command.Runs(console, (parsed, _) =>
        {
            var sandboxes = root.Read(parsed);
            var listing = new Listing(
                new Column("Name", "name"), new Column("Topology", "topology"), new Column("Version", "version"), new Column("Ports", "ports"),
                new Column("State", "state"), new Column("Folder", "folder") { InTable = false })
            {
                EmptyText = $"no sandboxes in {sandboxes.Folder}; 'flotilla sandbox create' makes one",
            };
            foreach (var one in sandboxes.List())
            {
                var spec = one.Record.Spec;
                listing.Add(
                    one.Name, SandboxFacts.Text(spec.Topology), $"{(spec.Server.IsMariaDb ? "MariaDB" : "MySQL")} {spec.Server.Version}",
                    one.Nodes.Select(node => $"{node.Port}").ToList(), State(sandboxes, one), one.Folder);
            }

            ListingWriter.Write(console, listing, parsed.GetValue(json));
            return Task.FromResult(ExitCode.Ok);
        });
    }

    private static string State(SandboxRoot root, SandboxInstance one) => one.Record.State switch
    {
        SandboxState.Made => "made",
        SandboxState.Planned => root.IsBusy(one.Name) ? "being made" : "half-made",
        SandboxState.Removing => root.IsBusy(one.Name) ? "being removed" : "half-removed",
        _ => throw new InvalidOperationException($"unknown state {one.Record.State}"),
    };
}
