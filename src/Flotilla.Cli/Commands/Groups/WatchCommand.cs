using System.CommandLine;
using System.Globalization;
using Flotilla.Cli.Hosting;
using Flotilla.Groups;

namespace Flotilla.Cli.Commands.Groups;

/// <summary><c>group watch</c>: a line for each change of the cluster.</summary>
internal static class WatchCommand
{
    public static CliCommand Create(IConsole console)
    {
        var access = new GroupAccess(console);
        var json = OutputOptions.Json("Print an object per change and line.");
        var count = new Option<long?>("--count", "-c") { Description = "Stop after so many lines; the first is the present.", HelpName = "n" };
        var command = new CliCommand("watch", "Print who belongs to a cluster now, and a line for each change, until interrupted.")
        {
            Examples =
            [
                ("flotilla group watch", "views as they come"),
                ("flotilla group watch -n db2:4740 --json > views.jsonl", "for a program"),
            ],
        };
        command.Options.Add(json);
        command.Options.Add(count);
        access.AddTo(command);
        return command.Runs(console, async (parsed, cancellationToken) =>
        {
            await using var monitor = await access.ConnectAsync(parsed, cancellationToken);
            var left = parsed.GetValue(count) ?? long.MaxValue;
            var last = "";
            await foreach (var status in monitor.WatchAsync(cancellationToken))
            {
                // The node tells of more than is shown.
                var text = parsed.GetValue(json) ? MembersTable.Json(status) : Words(status);
                if (text == last)
                    continue;
                last = text;
                console.Output.WriteLine(parsed.GetValue(json) ? text : console.Clock.GetLocalNow().ToString("HH:mm:ss.fff ", CultureInfo.InvariantCulture) + text);
                if (--left <= 0)
                    return ExitCode.Ok;
            }

            throw new CliException(ExitCode.ConnectionLost, $"{monitor.Address} ended the connection", "It may have been stopped; name several nodes with --node.");
        });
    }

    private static string Words(ClusterStatus status)
    {
        if (status.Epoch == 0)
            return "-       no view yet";
        var names = status.Members.Select(member => member.Name + (member.Id.Node == status.Sequencer ? "*" : "") + (member.Role == Flotilla.Groups.Core.MemberRole.Learner ? " (learner)" : ""));
        return $"{(status.IsPrimary ? "primary" : "-      ")} epoch {status.Epoch}: {string.Join(", ", names)}";
    }
}
