using System.CommandLine;
using Flotilla.Cli.Hosting;
using Flotilla.Cli.Rendering;
using Flotilla.Gearman;

namespace Flotilla.Cli.Commands.Jobs;

/// <summary><c>jobs schedule</c>: recurring jobs.</summary>
internal static class ScheduleCommand
{
    public static CliCommand Create(IConsole console)
    {
        var command = new CliCommand("schedule", "Add, list and remove recurring jobs.")
        {
            Examples =
            [
                ("flotilla jobs schedule add '*/15 * * * *' cleanup", "every quarter of an hour"),
                ("flotilla jobs schedule list", "what is scheduled"),
                ("flotilla jobs schedule remove H:box:7", "ends one"),
            ],
        };
        command.Subcommands.Add(Add(console));
        command.Subcommands.Add(ShowCommand.Schedules(console, "list"));
        command.Subcommands.Add(Remove(console));
        return command;
    }

    private static CliCommand Add(IConsole console)
    {
        var access = new AccessOptions(console);
        var cron = new Argument<CronSchedule?>("cron")
        {
            Description = "Five fields in UTC: minute hour day-of-month month day-of-week (0 is Monday). Each: *, n, n-m, n,m or */n.",
            CustomParser = result =>
            {
                try
                {
                    return CronSchedule.Parse(result.Tokens[0].Value);
                }
                catch (FormatException)
                {
                    result.AddError($"'{result.Tokens[0].Value}' is not a schedule: write five fields in quotes, such as '0 4 * * *'");
                    return null;
                }
            },
        };
        var function = new Argument<string>("function") { Description = "What runs." };
        var payload = new Argument<string?>("payload") { Description = "The workload of each job.", Arity = ArgumentArity.ZeroOrOne };
        var unique = new Option<string?>("--unique", "-u")
        {
            Description = "Unique key: a firing joins the job of the firing before if that still waits or runs.", HelpName = "key",
        };
        var json = OutputOptions.Json("Print an object with the handle.");
        var command = new CliCommand("add", "Submit a background job again and again; prints the schedule's handle.")
        {
            Examples =
            [
                ("flotilla jobs schedule add '0 4 * * *' backup --unique backup", "daily at 04:00 UTC, never two at once"),
                ("flotilla jobs schedule add '30 8 * * 0-4' report 'to=all'", "Monday to Friday at 08:30 UTC"),
            ],
        };
        foreach (var argument in (Argument[])[cron, function, payload])
            command.Arguments.Add(argument);
        command.Options.Add(unique);
        command.Options.Add(json);
        access.AddTo(command);
        return command.Runs(console, async (parsed, cancellationToken) =>
        {
            await using var client = access.Read(parsed).CreateClient();
            var request = new JobRequest(parsed.GetValue(function)!, System.Text.Encoding.UTF8.GetBytes(parsed.GetValue(payload) ?? ""))
            {
                Unique = parsed.GetValue(unique) ?? "",
            };
            var handle = await client.ScheduleAsync(request, parsed.GetValue(cron)!, cancellationToken);
            console.Output.WriteLine(parsed.GetValue(json) ? JsonText.Object(writer => writer.WriteString("handle", handle.Text)) : handle.Text);
            return ExitCode.Ok;
        });
    }

    private static CliCommand Remove(IConsole console)
    {
        var access = new AccessOptions(console);
        var handles = new Argument<string[]>("handle") { Description = "Handles as 'schedule add' and 'schedule list' print them.", Arity = ArgumentArity.OneOrMore };
        var json = OutputOptions.Json("Print an array with handle and outcome.");
        var command = new CliCommand("remove", "End schedules; jobs that they have submitted stay.")
        {
            Examples = [("flotilla jobs schedule remove H:box:7", "no more of it")],
        };
        command.Arguments.Add(handles);
        command.Options.Add(json);
        access.AddTo(command);
        return command.Runs(console, async (parsed, cancellationToken) =>
        {
            var servers = access.Read(parsed);
            var listing = new Listing(new Column("Handle", "handle"), new Column("Outcome", "outcome"));
            var left = parsed.GetValue(handles)!.ToList();
            var code = await EachServer.RunAsync(
                servers,
                console,
                async (admin, token) =>
                {
                    var known = (await admin.GetSchedulesAsync(token)).Select(one => one.Handle).Intersect(left, StringComparer.Ordinal).ToList();
                    foreach (var handle in known)
                    {
                        await admin.CancelJobAsync(handle, token);
                        left.Remove(handle);
                        listing.Add(handle, "removed");
                    }
                },
                cancellationToken);
            if (listing.Rows.Count > 0 || parsed.GetValue(json))
                ListingWriter.Write(console, listing, parsed.GetValue(json));
            return left.Count == 0 || code != ExitCode.Ok
                ? code
                : throw new CliException(ExitCode.NotFound, $"no server has the schedule {string.Join(", ", left)}", "See 'flotilla jobs schedule list'.");
        });
    }
}
