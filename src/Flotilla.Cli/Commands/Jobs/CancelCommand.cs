using System.CommandLine;
using Flotilla.Cli.Hosting;
using Flotilla.Cli.Rendering;
using Flotilla.Gearman;

namespace Flotilla.Cli.Commands.Jobs;

/// <summary><c>jobs cancel</c>: ends jobs, queued or running, and schedules.</summary>
internal static class CancelCommand
{
    public static CliCommand Create(IConsole console)
    {
        var access = new AccessOptions(console);
        var handles = new Argument<string[]>("handle") { Description = "Handles as 'jobs submit' and 'jobs show' print them.", Arity = ArgumentArity.OneOrMore };
        var json = OutputOptions.Json("Print an array with handle and outcome.");
        var command = new CliCommand("cancel", "Cancel jobs; whoever waits for one is told that it failed.")
        {
            Examples =
            [
                ("flotilla jobs cancel H:box:12", "one job, queued or running"),
                ("flotilla jobs show queue resize --json | jq -r '.[].handle' | xargs flotilla jobs cancel", "all that wait"),
            ],
        };
        command.Arguments.Add(handles);
        command.Options.Add(json);
        access.AddTo(command);
        return command.Runs(console, async (parsed, cancellationToken) =>
        {
            var listing = new Listing(new Column("Handle", "handle"), new Column("Outcome", "outcome"));
            await using var client = access.Read(parsed).CreateClient();
            var unknown = new List<string>();
            foreach (var handle in parsed.GetValue(handles)!)
            {
                var isCancelled = await client.CancelAsync(new JobHandle(handle), cancellationToken);
                listing.Add(handle, isCancelled ? "cancelled" : "unknown");
                if (!isCancelled)
                    unknown.Add(handle);
            }

            ListingWriter.Write(console, listing, parsed.GetValue(json));
            return unknown.Count == 0
                ? ExitCode.Ok
                : throw new CliException(ExitCode.NotFound, $"no server knows the job {string.Join(", ", unknown)}", "It may have ended already.");
        });
    }
}
