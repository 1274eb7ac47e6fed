using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Flotilla.Bench.Jobs;

/// <summary>One start of the load generator against a server.</summary>
internal static class Load
{
    /// <summary>Runs it with the arguments, separated by spaces, to its end.</summary>
    public static async Task<LoadResult> RunAsync(BenchServer server, string arguments)
    {
        string[] fixedArguments = ["--port", Number(server.Port), "--pid", Number(server.ProcessId)];
        var start = new ProcessStartInfo(LoadPrograms.Generator, [.. arguments.Split(' '), .. fixedArguments])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
            throw new BenchException($"gearload {arguments} against {server.Name}: {await errors}");
        return JsonSerializer.Deserialize<LoadResult>(output, JsonSerializerOptions.Web)!;
    }

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);
}
