using System.CommandLine;
using Flotilla.Cli.Hosting;
using Flotilla.Cli.Rendering;
using Flotilla.Gearman;

namespace Flotilla.Cli.Commands.Jobs;

/// <summary>Commands that do one thing to the functions they name, on every server.</summary>
internal static class FunctionAction
{
    /// <param name="command">What is to be completed.</param>
    /// <param name="console">The world.</param>
    /// <param name="outcome">What to say of a function when it is done.</param>
    /// <param name="act">The one thing.</param>
    /// <param name="makesNew">Whether a function that the server does not know is made by it: said, because a typing error looks the same.</param>
    public static CliCommand Complete(
        CliCommand command, IConsole console, string outcome, Func<GearmanAdmin, string, CancellationToken, Task> act, bool makesNew = false)
    {
        var access = new AccessOptions(console);
        var functions = new Argument<string[]>("function") { Description = "Names of functions.", Arity = ArgumentArity.OneOrMore };
        var json = OutputOptions.Json("Print an array with server, function and outcome.");
        command.Arguments.Add(functions);
        command.Options.Add(json);
        access.AddTo(command);
        return command.Runs(console, async (parsed, cancellationToken) =>
        {
            var servers = access.Read(parsed);
            var listing = new Listing(
                new Column("Server", "server") { InTable = servers.Servers.Count > 1 }, new Column("Function", "function"), new Column("Outcome", "outcome"));
            var worst = ExitCode.Ok;
            foreach (var name in parsed.GetValue(functions)!)
            {
                var code = await EachServer.RunAsync(
                    servers,
                    console,
                    async (admin, token) =>
                    {
                        var isNew = makesNew && (await admin.GetFunctionsAsync(token)).All(one => one.Name != name);
                        await act(admin, name, token);
                        listing.Add(admin.Server.ToString(), name, isNew ? $"{outcome} (new: no worker or job has named it yet)" : outcome);
                    },
                    cancellationToken);
                if (worst == ExitCode.Ok)
                    worst = code;
            }

            if (listing.Rows.Count > 0 || parsed.GetValue(json))
                ListingWriter.Write(console, listing, parsed.GetValue(json));
            return worst;
        });
    }
}
