using System.Diagnostics;
using Flotilla.Cli.Commands;
using Flotilla.TestSupport;

namespace Flotilla.Cli.Tests.Support;

/// <summary>Runs the command line: in this process where that tells as much, as a program where it does not.</summary>
internal static class Run
{
    private static readonly string Folder = Repository.Combine(
        "src", "Flotilla.Cli", "bin", Path.GetFileName(Path.GetDirectoryName(AppContext.BaseDirectory.TrimEnd('/'))!), Path.GetFileName(AppContext.BaseDirectory.TrimEnd('/')));

    public static string FlotillaPath => Path.Combine(Folder, "flotilla");

    public static string GearmandPath => Path.Combine(Folder, "gearmand");

    public static Task<CliResult> FlotillaAsync(params string[] arguments) => FlotillaAsync(new TestConsole(), arguments);

    public static async Task<CliResult> FlotillaAsync(TestConsole console, params string[] arguments)
    {
        using var patience = new CancellationTokenSource(Deadline.Default * 2);
        var code = await FlotillaCommand.RunAsync(arguments, console, patience.Token);
        return new CliResult(code, console.Written, console.Errors);
    }

    /// <summary>A program of its own, with nothing in its environment but what is given.</summary>
    public static async Task<CliResult> ProgramAsync(
        string path, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null, TimeSpan? patience = null)
    {
        using var process = Start(path, arguments, environment);
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        try
        {
            await process.WaitForExitAsync().WaitAsync(patience ?? Deadline.Default * 2);
        }
        catch (TimeoutException late)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{path} {string.Join(' ', arguments)} did not end", late);
        }

        return new CliResult(process.ExitCode, await output, await errors);
    }

    public static Process Start(string path, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null, string? folder = null)
    {
        var start = new ProcessStartInfo(path, arguments)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder ?? "",
        };
        start.Environment.Clear();
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
            start.Environment[name] = value;
        return Process.Start(start)!;
    }
}
