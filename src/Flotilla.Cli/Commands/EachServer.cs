using Flotilla.Cli.Hosting;
using Flotilla.Gearman;

namespace Flotilla.Cli.Commands;

/// <summary>Does the same with every server of the list; one that fails is told and does not keep the others from their turn.</summary>
internal static class EachServer
{
    /// <returns>Ok when all went well, otherwise what the first failure says.</returns>
    public static async Task<ExitCode> RunAsync(
        ServerAccess access, IConsole console, Func<GearmanAdmin, CancellationToken, Task> act, CancellationToken cancellationToken)
    {
        var worst = ExitCode.Ok;
        foreach (var server in access.Servers)
        {
            await using var admin = access.CreateAdmin(server);
            try
            {
                await act(admin, cancellationToken);
            }
            catch (Exception failure) when (failure is not OperationCanceledException && Failures.Explain(failure, console) is { } code)
            {
                if (worst == ExitCode.Ok)
                    worst = code;
            }
        }

        return worst;
    }
}
