using System.ComponentModel;
using System.Diagnostics;

namespace Flotilla.Guard;

/// <summary>Starts a guard that outlives this process.</summary>
internal static class GuardProcess
{
    /// <summary>It takes 0.1 s; a host in trouble may need longer.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>True when it can be connected to; false when another has the folder.</summary>
    /// <exception cref="GuardException">It did not start.</exception>
    public static async Task<bool> TryStartAsync(GuardOptions options, IReadOnlyList<string> program, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(program[0], [.. program.Skip(1), GuardCommand.Name, .. options.ToArguments()])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in OwnProgram.RuntimeSettings)
            start.Environment[name] = value;
        try
        {
            using var process = Process.Start(start)!;
            process.StandardInput.Close();
            var said = process.StandardError.ReadToEndAsync(cancellationToken);
            if (await process.StandardOutput.ReadLineAsync(cancellationToken).AsTask().WaitAsync(Patience, cancellationToken) == GuardCommand.Ready)
                return true;
            var why = (await said).Trim();
            await process.WaitForExitAsync(cancellationToken);
            return process.ExitCode == GuardCommand.TakenCode ? false : throw new GuardException($"the guard of {options.Folder} ended with code {process.ExitCode}: {why}");
        }
        catch (TimeoutException silence)
        {
            throw new GuardException($"the guard of {options.Folder} is not ready within {Patience.TotalSeconds:0} s", silence);
        }
        catch (Win32Exception failure)
        {
            throw new GuardException($"{program[0]} can't be run: {failure.Message}", failure);
        }
    }
}
