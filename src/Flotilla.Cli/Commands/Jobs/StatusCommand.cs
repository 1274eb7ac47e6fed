using System.CommandLine;
using Flotilla.Cli.Hosting;
using Flotilla.Cli.Rendering;

namespace Flotilla.Cli.Commands.Jobs;

/// <summary><c>jobs status</c>: queues and workers of each function.</summary>
internal static class StatusCommand
{
    public static CliCommand Create(IConsole console)
    {
        var access = new AccessOptions(console);
        var functions = new Argument<string[]>("function") { Description = "Only these.", Arity = ArgumentArity.ZeroOrMore };
        var json = OutputOptions.Json("Print an array of objects.");
        var command = new CliCommand("status", "Show what each function has queued, running and at its service.")
        {
            Examples =
            [
                ("flotilla jobs status", "all functions of the local server"),
                ("flotilla jobs status resize --json | jq '.[0].queued'", "one number for a script"),
                ("flotilla jobs status -s jobs1 -s jobs2", "of two servers"),
            ],
        };
        command.Arguments.Add(functions);
        command.Options.Add(json);
        access.AddTo(command);
        return command.Runs(console, async (parsed, cancellationToken) =>
        {
            var servers = access.Read(parsed);
            var wanted = parsed.GetValue(functions) ?? [];
            var listing = FunctionTable.Create(servers.Servers.Count > 1);
            var code = await EachServer.RunAsync(
                servers,
                console,
                async (admin, token) =>
                {
                    foreach (var function in await FunctionTable.AskAsync(admin, token))
                    {
                        if (wanted.Length == 0 || wanted.Contains(function.Name, StringComparer.Ordinal))
                            FunctionTable.Add(listing, admin.Server, function);
                    }
                },
                cancellationToken);
            if (listing.Rows.Count > 0 || (code == ExitCode.Ok && (wanted.Length == 0 || parsed.GetValue(json))))
                ListingWriter.Write(console, listing, parsed.GetValue(json));
            var missing = wanted.Where(name => !listing.Rows.Any(row => Equals(row[1], name))).ToList();
            if (code != ExitCode.Ok || missing.Count == 0)
                return code;
            throw new CliException(ExitCode.NotFound, $"no server knows the function {string.Join(", ", missing)}");
        });
    }
}
