using System.Diagnostics;

namespace Flotilla.Chaos.Tests.World;

/// <summary>Runs small programs of the system.</summary>
internal static class Tool
{
    /// <summary>What <c>ip</c> prints; fails when it does.</summary>
    public static string Ip(string arguments) => Run("ip", arguments);

    /// <summary>What it prints; fails when it does not end with 0.</summary>
    public static string Run(string program, string arguments)
    {
        var (code, output, errors) = Start(program, arguments);
        return code == 0 ? output : throw new InvalidOperationException($"{program} {arguments}: {errors}");
    }

    /// <summary>Null when all was well; else what it said.</summary>
    public static string? TryRun(string program, string arguments) => Start(program, arguments) is { Code: not 0 } failed ? failed.Errors : null;

    private static (int Code, string Output, string Errors) Start(string program, string arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false })!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, errors.Result.Trim());
    }
}
