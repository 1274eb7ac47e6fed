using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace Flotilla.Sandbox;

/// <summary>Other processes, as /proc shows them.</summary>
internal static class ProcessTable
{
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(10);

    /// <summary>Processes one of whose arguments names a file below the folder, or is that folder: servers, and what makes their data.</summary>
    public static IReadOnlyList<int> UsersOf(string folder)
    {
        var found = new List<int>();
        foreach (var process in All())
        {
            var words = Read($"/proc/{process}/cmdline").Split('\0');
            if (process != Environment.ProcessId && words.Any(word => Value(word) is var path && (path == folder || path.StartsWith(folder + "/", StringComparison.Ordinal))))
                found.Add(process);
        }

        return found;
    }

    /// <summary>The process that has this open, as <c>socket:[123]</c>.</summary>
    public static int? HolderOf(string link)
    {
        foreach (var process in All())
        {
            try
            {
                if (Directory.EnumerateFiles($"/proc/{process}/fd").Any(file => new FileInfo(file).LinkTarget == link))
                    return process;
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
            {
                // It ended, or is somebody else's.
            }
        }

        return null;
    }

    /// <summary>Whether it is alive and was started with that argument.</summary>
    public static bool HasArgument(int process, string argument) => Read($"/proc/{process}/cmdline").Split('\0').Contains(argument, StringComparer.Ordinal);

    public static string NameOf(int process) => Read($"/proc/{process}/comm").Trim();

    /// <summary>Kills them and waits until they are gone.</summary>
    public static async Task KillAsync(IEnumerable<int> processes, CancellationToken cancellationToken)
    {
        foreach (var process in processes)
        {
            Kill(process);
            // Of one that ended and was not reaped the command line is empty.
            while (Read($"/proc/{process}/cmdline").Length > 0)
                await Task.Delay(Period, cancellationToken);
        }
    }

    private static IEnumerable<int> All()
        => !Directory.Exists("/proc") ? [] : Directory.EnumerateDirectories("/proc").Select(Path.GetFileName)
            .Select(name => int.TryParse(name, CultureInfo.InvariantCulture, out var process) ? process : 0).Where(process => process > 0);

    private static string Value(string word) => word.StartsWith("--", StringComparison.Ordinal) && word.IndexOf('=', StringComparison.Ordinal) is var at and > 0 ? word[(at + 1)..] : word;

    private static string Read(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    private static void Kill(int id)
    {
        try
        {
            using var process = Process.GetProcessById(id);
            process.Kill();
        }
        catch (Exception failure) when (failure is ArgumentException or InvalidOperationException or Win32Exception)
        {
            // It ended by itself.
        }
    }
}
