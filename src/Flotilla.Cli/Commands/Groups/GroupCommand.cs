using Flotilla.Cli.Hosting;

namespace Flotilla.Cli.Commands.Groups;

/// <summary><c>flotilla group</c>: nodes of a group, seen from outside, and one to try.</summary>
internal static class GroupCommand
{
    public static CliCommand Create(IConsole console)
    {
        var group = new CliCommand("group", "Run group nodes, see who belongs to them, measure them.")
        {
            Examples =
            [
                ("flotilla group run a --listen 127.0.0.1:4740", "a node that founds a cluster of its own"),
                ("flotilla group run b --listen 127.0.0.2:4740 --seed 127.0.0.1:4740", "another that joins it"),
                ("flotilla group members", "who is in the cluster"),
            ],
        };
        group.Subcommands.Add(MembersCommand.Create(console));
        group.Subcommands.Add(WatchCommand.Create(console));
        group.Subcommands.Add(RunCommand.Create(console));
        group.Subcommands.Add(BenchCommand.Create(console));
        return group;
    }
}
