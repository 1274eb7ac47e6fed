using System.CommandLine;
using Flotilla.Cli.Hosting;
using Flotilla.Cli.Rendering;
using Flotilla.Gearman;

namespace Flotilla.Cli.Commands.Jobs;

/// <summary><c>jobs retry</c>: what becomes of jobs that were given up.</summary>
internal static class RetryCommand
{
    public static CliCommand Create(IConsole console)
    {
        var access = new AccessOptions(console);
        var handles = new Argument<string[]>("handle") { Description = "Dead jobs.", Arity = ArgumentArity.ZeroOrMore };
        var all = new Option<string[]>("--all") { Description = "All dead jobs of this function; repeat it for several.", HelpName = "function" };
        var discard = new Option<bool>("--discard") { Description = "Throw them away instead." };
        var json = OutputOptions.Json("Print an array with server, job or function, and outcome.");
        var command = new CliCommand("retry", "Queue jobs of the dead-letter list once more, or throw them away.")
        {
            Examples =
            [
                ("flotilla jobs show dead", "look first"),
                ("flotilla jobs retry H:box:12", "one job"),
                ("flotilla jobs retry --all resize", "all of a function"),
                ("flotilla jobs retry --all resize --discard", "none of them"),
            ],
        };
        command.Arguments.Add(handles);
        foreach (var option in (Option[])[all, discard, json])
            command.Options.Add(option);
        command.Validators.Add(result =>
        {
            if (result.GetValue(handles) is not { Length: > 0 } && result.GetValue(all) is not { Length: > 0 })
                result.AddError("Name handles of dead jobs, or a function with --all.");
        });
        access.AddTo(command);
        return command.Runs(console, async (parsed, cancellationToken) =>
        {
            var isDiscard = parsed.GetValue(discard);
            var servers = access.Read(parsed);
            var listing = new Listing(
                new Column("Server", "server") { InTable = servers.Servers.Count > 1 }, new Column("Of", "of"), new Column("Outcome", "outcome"));
            var outcome = isDiscard ? "discarded" : "queued again";
            var unknown = await RetryOneByOneAsync(servers, parsed.GetValue(handles) ?? [], listing, isDiscard, cancellationToken);
            var code = await EachServer.RunAsync(
                servers,
                console,
                async (admin, token) =>
                {
                    foreach (var function in parsed.GetValue(all) ?? [])
                    {
                        await (isDiscard ? admin.DropAllDeadAsync(function, token) : admin.RetryAllDeadAsync(function, token));
                        listing.Add(admin.Server.ToString(), function, outcome);
                    }
                },
                cancellationToken);
            if (listing.Rows.Count > 0 || parsed.GetValue(json))
                ListingWriter.Write(console, listing, parsed.GetValue(json));
            return unknown.Count == 0
                ? code
                : throw new CliException(ExitCode.NotFound, $"no server has the dead job {string.Join(", ", unknown)}", "See 'flotilla jobs show dead'.");
        });
    }

    /// <summary>A handle belongs to one server: the first that knows it.</summary>
    private static async Task<List<string>> RetryOneByOneAsync(
        ServerAccess access, string[] handles, Listing listing, bool isDiscard, CancellationToken cancellationToken)
    {
        var left = handles.ToList();
        foreach (var server in access.Servers)
        {
            await using var admin = access.CreateAdmin(server);
            foreach (var handle in left.ToArray())
            {
                try
                {
                    await (isDiscard ? admin.DropDeadAsync(handle, cancellationToken) : admin.RetryDeadAsync(handle, cancellationToken));
                    listing.Add(server.ToString(), handle, isDiscard ? "discarded" : "queued again");
                    left.Remove(handle);
                }
                catch (GearmanServerException refusal) when (refusal.Code == "UNKNOWN_JOB")
                {
                    // Another server may have it.
                }
            }
        }

        return left;
    }
}
