using System.ComponentModel;
using System.Diagnostics;

namespace Flotilla.Sandbox;

/// <summary>What a program said and how it ended.</summary>
internal sealed record ProgramRun(int Code, string Output, string Errors)
{
    private const int WhyCharsMax = 600;
    private const int TextFileBusy = 26;
    private const int BusyAttemptsMax = 100;
    private static readonly TimeSpan BusyPeriod = TimeSpan.FromMilliseconds(20);

    /// <summary>What it said, on one line for a message.</summary>
    public string Why
    {
        get
        {
            var text = Errors.Trim() is { Length: > 0 } errors ? errors : Output.Trim();
            var words = string.Join("; ", text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
            return words.Length == 0 ? $"it ended with code {Code}" : words.Length > WhyCharsMax ? words[..WhyCharsMax] + "..." : words;
        }
    }

    /// <summary>Runs a program to its end; cancelled, it is killed with what it started.</summary>
    public static async Task<ProgramRun> RunAsync(
        string program, IEnumerable<string> arguments, IReadOnlyList<string> libraryFolders, CancellationToken cancellationToken, string? folder = null)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder ?? "",
        };
        if (libraryFolders.Count > 0)
            start.Environment["LD_LIBRARY_PATH"] = string.Join(':', libraryFolders);
        using var process = await StartAsync(start, cancellationToken);
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
        var errors = process.StandardError.ReadToEndAsync(CancellationToken.None);
        try
        {
            await process.WaitForExitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }

        // Control-C reaches it as well as us: then its failure is no news.
        if (process.ExitCode != 0)
            cancellationToken.ThrowIfCancellationRequested();
        return new ProgramRun(process.ExitCode, await output, await errors);
    }

    private static async Task<Process> StartAsync(ProcessStartInfo start, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return Process.Start(start)!;
            }
            catch (Win32Exception failure) when (failure.NativeErrorCode == TextFileBusy && attempt < BusyAttemptsMax)
            {
                // Just written, and a child that was started meanwhile has not yet let go of it.
                await Task.Delay(BusyPeriod, cancellationToken);
            }
            catch (Win32Exception failure)
            {
                throw new SandboxException(SandboxProblem.MissingServer, $"{start.FileName} can't be run: {failure.Message}", failure);
            }
        }
    }
}
