using Flotilla.Cli.Commands;
using Flotilla.Cli.Gearmand;
using Flotilla.Cli.Hosting;
using Flotilla.Guard;

namespace Flotilla.Cli;

/// <summary>The program, under both of its names.</summary>
internal static class Program
{
    public static string Version { get; } = typeof(Program).Assembly.GetName().Version?.ToString(3) ?? "0.0.0";

    /// <summary>A guard must be on the first thread, and small: nothing else of the program is loaded for it.</summary>
    public static Task<int> Main(string[] arguments)
        => arguments is [GuardCommand.Name, .. var rest] ? Task.FromResult(GuardCommand.Run(rest)) : RunAsync(arguments);

    private static async Task<int> RunAsync(string[] arguments)
    {
        var console = new SystemConsole();
        var calledAs = CalledAs();
        if (Path.GetFileName(calledAs) == GearmandCommand.Name)
            return await new GearmandLauncher(console, calledAs, Version).RunAsync(arguments);
        if (arguments is [GearmandCommand.Name, .. var rest])
            return await new GearmandLauncher(console, GearmandCommand.Name, Version).RunAsync(rest);
        return await FlotillaCommand.RunAsync(arguments, console);
    }

    /// <summary>The name that we were started by, which .NET keeps to itself.</summary>
    private static string CalledAs()
    {
        try
        {
            if (OperatingSystem.IsLinux() && File.ReadAllText("/proc/self/cmdline").Split('\0') is [{ Length: > 0 } first, ..]
                && Path.GetFileName(first) == GearmandCommand.Name)
                return first;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // Without /proc the program's own path must do.
        }

        return Environment.ProcessPath ?? "flotilla";
    }
}
