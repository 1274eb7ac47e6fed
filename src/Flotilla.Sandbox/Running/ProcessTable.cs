using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace Flotilla.Sandbox;

/// <summary>Other processes, as /proc shows them.</summary>
internal static class ProcessTable
{
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(10);

    /// <summary>
    /// The servers of a sandbox, and what is making their data: nothing else that merely names a file there, as somebody's editor does.
    /// </summary>
    /// <param name="folder">The sandbox's folder.</param>
    /// <param name="server">The program of its servers.</param>
    public static IReadOnlyList<int> OfSandbox(string folder, string server)
        => [.. All().Where(process => process != Environment.ProcessId && IsOf(Read($"/proc/{process}/cmdline").Split('\0'), folder + "/", server))];

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

    /// <summary>Kills them and waits until they are gone, with all their files and ports closed.</summary>
    public static async Task KillAsync(IEnumerable<int> processes, CancellationToken cancellationToken)
    {
        foreach (var process in processes)
        {
            var was = Read($"/proc/{process}/cmdline");
            Kill(process);
            while (!HasEnded(process, was))
                await Task.Delay(Period, cancellationToken);
        }
    }

    /// <summary>
    /// A process that is ending has no command line any more but may still hold its port; it has let go of everything when it is gone, or dead
    /// and not yet reaped. With another command line it is somebody else who got its number.
    /// </summary>
    private static bool HasEnded(int process, string was)
    {
        var status = Read($"/proc/{process}/status");
        if (status.Length == 0 || status.Contains("\nState:\tZ", StringComparison.Ordinal) || status.Contains("\nState:\tX", StringComparison.Ordinal))
            return true;
        var now = Read($"/proc/{process}/cmdline");
        return now.Length > 0 && now != was;
    }

    private static IEnumerable<int> All()
        => !Directory.Exists("/proc") ? [] : Directory.EnumerateDirectories("/proc").Select(Path.GetFileName)
            .Select(name => int.TryParse(name, CultureInfo.InvariantCulture, out var process) ? process : 0).Where(process => process > 0);

    private static bool IsOf(string[] words, string below, string server) => words switch
    {
        ["/bin/sh", var script, ..] => script.StartsWith(below, StringComparison.Ordinal) && Path.GetFileName(script) is "init_db" or "start",
        ["cp", "-a", _, var target, ..] => target.StartsWith(below, StringComparison.Ordinal),
        _ => words.Contains(server, StringComparer.Ordinal) && words.Any(word => word.StartsWith($"--defaults-file={below}", StringComparison.Ordinal)),
    };

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
