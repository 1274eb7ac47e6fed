using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using Flotilla.Cluster.Core;

namespace Flotilla.Cluster.Hosting;

/// <summary>Runs a program of people.</summary>
internal static class HookRunner
{
    /// <summary>Of what it says on standard error.</summary>
    private const int WordsMax = 500;

    /// <summary>Null when it ended well, else why not.</summary>
    public static async Task<string?> RunAsync(HookOptions hook, ServerSpec server, ClusterState state, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(hook.Command[0], hook.Command.Skip(1)) { UseShellExecute = false, RedirectStandardInput = true, RedirectStandardError = true };
        start.Environment["FLOTILLA_SERVER"] = server.Name.ToString();
        start.Environment["FLOTILLA_HOST"] = server.Host;
        start.Environment["FLOTILLA_PORT"] = server.Port.ToString(CultureInfo.InvariantCulture);
        start.Environment["FLOTILLA_EPOCH"] = state.LastEpoch.ToString(CultureInfo.InvariantCulture);
        start.Environment["FLOTILLA_CAUSE"] = state.Plan?.Cause ?? "";
        try
        {
            using var process = Process.Start(start)!;
            process.StandardInput.Close();
            var words = process.StandardError.ReadToEndAsync(cancellationToken);
            try
            {
                await process.WaitForExitAsync(cancellationToken).WaitAsync(hook.Within, cancellationToken);
            }
            catch (Exception late) when (late is TimeoutException or OperationCanceledException)
            {
                process.Kill(entireProcessTree: true);
                return $"{hook.Command[0]} took longer than {hook.Within.TotalSeconds:0.###} s";
            }

            if (process.ExitCode == 0)
                return null;
            var said = (await words).Trim();
            return $"{hook.Command[0]} ended with {process.ExitCode}: {said[..Math.Min(said.Length, WordsMax)]}";
        }
        catch (Win32Exception failure)
        {
            return $"{hook.Command[0]} can't be run: {failure.Message}";
        }
    }
}
