using System.Globalization;
using System.Runtime.InteropServices;

namespace Flotilla.Cli.Hosting;

/// <summary>Processes by their command lines, and signals to them.</summary>
internal static class UnixProcesses
{
    public const int Kill = 9;
    public const int Terminate = 15;

    /// <summary>Those whose words are as the condition wants; none where the system has no /proc.</summary>
    public static IReadOnlyList<int> Find(Func<string[], bool> condition)
    {
        if (!Directory.Exists("/proc"))
            return [];
        return [.. Directory.EnumerateDirectories("/proc")
            .Select(folder => int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : 0)
            .Where(id => id != 0 && id != Environment.ProcessId && condition(WordsOf(id)))];
    }

    /// <summary>Sends a signal; a process that is gone meanwhile gets none.</summary>
    public static void Signal(int process, int number) => _ = kill(process, number);

    // A process that has ended, and whose parent does not know it yet, has no words.
    private static string[] WordsOf(int process)
    {
        try
        {
            return File.ReadAllText($"/proc/{process.ToString(CultureInfo.InvariantCulture)}/cmdline").Split('\0', StringSplitOptions.RemoveEmptyEntries);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

#pragma warning disable SYSLIB1054 // the generated marshalling would need unsafe code for a call that is made a few times
    [DllImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int kill(int process, int signal);
}
