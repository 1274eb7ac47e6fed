using System.Globalization;

namespace Flotilla.Chaos.Tests.World;

/// <summary>Signals by number of a process, never by name.</summary>
internal static class Signals
{
    public const string Kill = "KILL";
    public const string Term = "TERM";
    public const string Stop = "STOP";
    public const string Continue = "CONT";

    /// <summary>Nothing when it is gone already.</summary>
    public static void Send(int process, string signal) => Tool.TryRun("kill", $"-{signal} {process.ToString(CultureInfo.InvariantCulture)}");

    /// <summary>All of them in one call.</summary>
    public static void Send(IEnumerable<int> processes, string signal)
        => Tool.TryRun("kill", $"-{signal} {string.Join(' ', processes.Select(process => process.ToString(CultureInfo.InvariantCulture)))}");
}
