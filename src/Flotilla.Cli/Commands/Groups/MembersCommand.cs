using Flotilla.Cli.Hosting;
using Flotilla.Cli.Rendering;

namespace Flotilla.Cli.Commands.Groups;

/// <summary><c>group members</c>: who is in the cluster.</summary>
internal static class MembersCommand
{
    public static CliCommand Create(IConsole console)
    {
        var access = new GroupAccess(console);
        var json = OutputOptions.Json("Print an object with the epoch and the members.");
        var command = new CliCommand("members", "Show who belongs to a cluster, as one of its nodes sees it.")
        {
            Examples =
            [
                ("flotilla group members", "ask the node at 127.0.0.1:4740"),
                ("flotilla group members -n db1:4740 -n db2:4740 --json", "ask the first that answers, for a program"),
            ],
        };
        command.Options.Add(json);
        access.AddTo(command);
        return command.Runs(console, async (parsed, cancellationToken) =>
        {
            await using var monitor = await access.ConnectAsync(parsed, cancellationToken);
            var status = await monitor.GetAsync(cancellationToken);
            if (parsed.GetValue(json))
            {
                console.Output.WriteLine(MembersTable.Json(status));
                return ExitCode.Ok;
            }

            console.Error.WriteLine(MembersTable.Headline(status));
            ListingWriter.Write(console, MembersTable.Of(status), asJson: false);
            return ExitCode.Ok;
        });
    }
}
