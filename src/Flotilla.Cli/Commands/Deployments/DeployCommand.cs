using Flotilla.Cli.Hosting;

namespace Flotilla.Cli.Commands.Deployments;

/// <summary><c>flotilla deploy</c>: replication on many hosts, through their workers.</summary>
internal static class DeployCommand
{
    public static CliCommand Create(IConsole console)
    {
        var deploy = new CliCommand("deploy", "Install replication on many hosts through their workers, look after it, take it away.")
        {
            Examples =
            [
                ("flotilla deploy replication --hosts hosta,hostb,hostc", "a primary on the first, replicas on the others"),
                ("flotilla deploy status", "how all servers of all deployments are"),
                ("flotilla deploy diagnose --hosts hostb", "what a host has and lacks"),
                ("flotilla deploy remove shop --yes", "nothing is left on any host"),
            ],
        };
        deploy.Subcommands.Add(ReplicationCommand.Create(console));
        deploy.Subcommands.Add(StatusCommand.Create(console));
        deploy.Subcommands.Add(DiagnoseCommand.Create(console));
        deploy.Subcommands.Add(RemoveCommand.Create(console));
        return deploy;
    }
}
