using Flotilla.Cli.Hosting;
using Flotilla.Cluster.Core;

namespace Flotilla.Cli.Commands.Cluster;

/// <summary><c>flotilla cluster</c>: database servers that heal themselves, seen and driven through one of their nodes.</summary>
internal static class ClusterCommand
{
    public static CliCommand Create(IConsole console)
    {
        var cluster = new CliCommand("cluster", "See and drive a cluster of database servers.")
        {
            Examples =
            [
                ("flotilla cluster status", "which servers there are, and which takes writes"),
                ("flotilla cluster switchover --to db2 --plan", "what would be done to make another one primary"),
                ("flotilla cluster remove db3", "take a server out for good"),
                ("flotilla cluster history --limit 10", "the last decisions, with their reasons"),
            ],
        };
        cluster.Subcommands.Add(StatusCommand.Create(console));
        cluster.Subcommands.Add(HistoryCommand.Create(console));
        cluster.Subcommands.Add(ExplainCommand.Create(console));
        cluster.Subcommands.Add(OrderCommand.Create(console, OrderKind.Switchover));
        cluster.Subcommands.Add(OrderCommand.Create(console, OrderKind.Failover));
        cluster.Subcommands.Add(AddCommand.Create(console));
        cluster.Subcommands.Add(MembershipCommand.CreateRemove(console));
        cluster.Subcommands.Add(MembershipCommand.CreateReprovision(console));
        cluster.Subcommands.Add(PolicyCommand.Create(console));
        cluster.Subcommands.Add(MaintenanceCommand.Create(console));
        cluster.Subcommands.Add(PauseCommand.Create(console));
        cluster.Subcommands.Add(ProbeCommand.Create(console));
        return cluster;
    }
}
