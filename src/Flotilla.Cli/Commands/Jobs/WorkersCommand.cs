using System.CommandLine;
using Flotilla.Cli.Hosting;
using Flotilla.Cli.Rendering;

namespace Flotilla.Cli.Commands.Jobs;

/// <summary><c>jobs workers</c>: who is connected and what each can do.</summary>
internal static class WorkersCommand
{
    public static CliCommand Create(IConsole console)
    {
        var access = new AccessOptions(console);
        var all = new Option<bool>("--all", "-a") { Description = "Show all connections, not only those with functions." };
        var function = new Option<string?>("--function", "-f") { Description = "Only workers of this function.", HelpName = "function" };
        var json = OutputOptions.Json("Print an array of objects.");
        var command = new CliCommand("workers", "Show who is connected and which functions each works on.")
        {
            Examples =
            [
                ("flotilla jobs workers", "all workers"),
                ("flotilla jobs workers -f resize", "those that can resize"),
                ("flotilla jobs workers --all --json", "every connection, for a program"),
            ],
        };
        foreach (var option in (Option[])[all, function, json])
            command.Options.Add(option);
        access.AddTo(command);
        return command.Runs(console, async (parsed, cancellationToken) =>
        {
            var servers = access.Read(parsed);
            var listing = new Listing(
                new Column("Server", "server") { InTable = servers.Servers.Count > 1 },
                new Column("Connection", "connection", CellKind.Count),
                new Column("Address", "address"),
                new Column("Client id", "clientId"),
                new Column("Functions", "functions", CellKind.List))
            {
                EmptyText = "no workers are connected",
            };
            var code = await EachServer.RunAsync(
                servers,
                console,
                async (admin, token) =>
                {
                    foreach (var worker in await admin.GetWorkersAsync(token))
                    {
                        var isWanted = parsed.GetValue(function) is { } name
                            ? worker.Functions.Contains(name, StringComparer.Ordinal)
                            : parsed.GetValue(all) || worker.Functions.Count > 0;
                        if (isWanted)
                            listing.Add(admin.Server.ToString(), worker.Number, worker.Address, worker.ClientId, worker.Functions);
                    }
                },
                cancellationToken);
            if (code == ExitCode.Ok || listing.Rows.Count > 0)
                ListingWriter.Write(console, listing, parsed.GetValue(json));
            return code;
        });
    }
}
