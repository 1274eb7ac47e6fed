using System.Diagnostics;

namespace Flotilla.Deployment.Tests.Support;

/// <summary>Runs programs and generated scripts as a user would: by their path, from elsewhere.</summary>
internal static class Shell
{
    /// <summary>More than the slowest script takes on a loaded machine.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);

    public static async Task<(int Code, string Output, string Errors)> RunAsync(string program, params string[] arguments)
    {
        using var patience = new CancellationTokenSource(Patience);
        using var process = Process.Start(new ProcessStartInfo(program, arguments)
        {
            UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = "/",
        })!;
        process.StandardInput.Close();
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync(patience.Token);
        return (process.ExitCode, await output, await errors);
    }

    /// <summary>Its output; fails when it does not end with 0.</summary>
    public static async Task<string> MustAsync(string program, params string[] arguments)
    {
        var run = await RunAsync(program, arguments);
        Assert.True(run.Code == 0, $"{program} {string.Join(' ', arguments)} ended with {run.Code}\n{run.Output}\n{run.Errors}");
        return run.Output;
    }
}
