using Flotilla.Cli.Hosting;

namespace Flotilla.Cli.Commands.Deployments;

/// <summary><c>flotilla worker</c>: workers that come with Flotilla.</summary>
internal static class WorkerCommand
{
    public static CliCommand Create(IConsole console)
    {
        var worker = new CliCommand("worker", "Run a worker that comes with Flotilla.")
        {
            Examples = [("flotilla worker host --name hosta", "offers this host to 'flotilla deploy'")],
        };
        worker.Subcommands.Add(HostCommand.Create(console));
        return worker;
    }
}
