using Flotilla.Cli.Hosting;
using Flotilla.Cli.Rendering;
using Flotilla.Sandbox;

namespace Flotilla.Cli.Commands.Sandboxes;

/// <summary><c>sandbox servers</c>: the server programs that sandboxes can be made of.</summary>
internal static class ServersCommand
{
    public static CliCommand Create(IConsole console)
    {
        var root = new RootOption(console);
        var json = OutputOptions.Json("Print an array of objects.");
        var command = new CliCommand("servers", "List the database server programs that are found: on the path, in /usr/sbin, unpacked by us.")
        {
            Examples = [("flotilla sandbox servers", "what 'sandbox create' can choose from, its choice first")],
        };
        command.Options.Add(json);
        root.AddTo(command);
        return command.Runs(console, async (parsed, cancellationToken) =>
        {
            var found = await ServerFinder.Create().FindAllAsync(root.Read(parsed).ServerFolder, cancellationToken);
            var listing = new Listing(new Column("Server", "flavor"), new Column("Version", "version"), new Column("Program", "program"), new Column("Client", "client"))
            {
                EmptyText = "no database server was found; 'flotilla sandbox install-server' fetches one",
            };
            foreach (var one in found)
                listing.Add(one.IsMariaDb ? "MariaDB" : "MySQL", one.VersionText, one.Server, one.Client);
            ListingWriter.Write(console, listing, parsed.GetValue(json));
            return ExitCode.Ok;
        });
    }
}
