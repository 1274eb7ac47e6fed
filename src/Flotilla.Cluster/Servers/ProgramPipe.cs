using System.ComponentModel;
using System.Diagnostics;

namespace Flotilla.Cluster.Servers;

/// <summary>Runs a program between two streams.</summary>
internal static class ProgramPipe
{
    private const int ErrorCharsMax = 2000;

    /// <summary>Returns null when it ended well, and otherwise the end of what it complained of. Cancelled, it is killed.</summary>
    public static async Task<string?> RunAsync(
        string program, IEnumerable<string> arguments, IReadOnlyList<string> libraryFolders, Stream? input, Stream output, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        if (libraryFolders.Count > 0)
            start.Environment["LD_LIBRARY_PATH"] = string.Join(':', libraryFolders);
        try
        {
            using var process = Process.Start(start)!;
            try
            {
                return await PumpAsync(process, input, output, cancellationToken);
            }
            finally
            {
                if (!process.HasExited)
                    process.Kill(entireProcessTree: true);
            }
        }
        catch (Win32Exception failure)
        {
            return $"it can't be run: {failure.Message}";
        }
    }

    private static async Task<string?> PumpAsync(Process process, Stream? input, Stream output, CancellationToken cancellationToken)
    {
        var errors = TailAsync(process.StandardError, cancellationToken);
        var reading = process.StandardOutput.BaseStream.CopyToAsync(output, cancellationToken);
        var failure = (string?)null;
        try
        {
            if (input is not null)
                await input.CopyToAsync(process.StandardInput.BaseStream, cancellationToken);
        }
        catch (IOException broken)
        {
            // What it was fed ended badly, or it has ended itself and says below why.
            failure = broken.Message;
        }

        if (failure is not null)
            process.Kill(entireProcessTree: true);
        process.StandardInput.Close();
        await reading;
        await process.WaitForExitAsync(cancellationToken);
        var words = await errors;
        if (process.ExitCode == 0 && failure is null)
            return null;
        return $"{failure ?? $"it ended with code {process.ExitCode}"}{(words.Length > 0 ? ": " + words : "")}";
    }

    /// <summary>Programs complain last of what matters most.</summary>
    private static async Task<string> TailAsync(StreamReader errors, CancellationToken cancellationToken)
    {
        var tail = "";
        while (await errors.ReadLineAsync(cancellationToken) is { } line)
        {
            tail += (tail.Length > 0 ? "; " : "") + line.Trim();
            if (tail.Length > ErrorCharsMax)
                tail = tail[^ErrorCharsMax..];
        }

        return tail;
    }
}
