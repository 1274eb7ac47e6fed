using Flotilla.Cli.Hosting;

namespace Flotilla.Cli.Commands.Jobs;

/// <summary><c>jobs drop</c>: forgets functions that nobody works on.</summary>
internal static class DropCommand
{
    public static CliCommand Create(IConsole console) => FunctionAction.Complete(
        new CliCommand("drop", "Forget functions that have no workers and no running jobs; what they have queued is failed.")
        {
            Examples = [("flotilla jobs drop oldfunction", "takes it out of every list")],
        },
        console,
        "dropped",
        static (admin, function, cancellationToken) => admin.DropFunctionAsync(function, cancellationToken));
}
