using Flotilla.Cli.Hosting;

namespace Flotilla.Cli.Commands.Sandboxes;

/// <summary><c>flotilla sandbox</c>: real database servers under one folder.</summary>
internal static class SandboxCommand
{
    public static CliCommand Create(IConsole console)
    {
        var sandbox = new CliCommand("sandbox", "Create, run and remove MariaDB and MySQL servers of your own, alone or replicating.")
        {
            Examples =
            [
                ("flotilla sandbox create", "one server of the newest version found"),
                ("flotilla sandbox create shop --topology replication", "a primary and two replicas, connected"),
                ("flotilla sandbox use shop", "the client on its primary"),
                ("flotilla sandbox delete shop --yes", "nothing is left"),
            ],
        };
        sandbox.Subcommands.Add(CreateCommand.Create(console));
        sandbox.Subcommands.Add(ListCommand.Create(console));
        sandbox.Subcommands.Add(StatusCommand.Create(console));
        sandbox.Subcommands.Add(RunCommands.Start(console));
        sandbox.Subcommands.Add(RunCommands.Stop(console));
        sandbox.Subcommands.Add(UseCommand.Create(console));
        sandbox.Subcommands.Add(DeleteCommand.Create(console));
        sandbox.Subcommands.Add(ServersCommand.Create(console));
        sandbox.Subcommands.Add(InstallServerCommand.Create(console));
        return sandbox;
    }
}
