using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Flotilla.Groups.Hosting;

/// <summary>
/// The clock of leases and timeouts: monotonic, and going on while the host is suspended, which <see cref="Stopwatch"/> does not on Linux. A lease must
/// not outlive a suspended laptop or virtual machine. Costs about 30 ns.
/// </summary>
internal static partial class NodeClock
{
    private const int BootTime = 7;
    private const long NsPerSecond = 1_000_000_000;

    private static readonly bool s_hasBootTime = OperatingSystem.IsLinux() && Environment.Is64BitProcess && clock_gettime(BootTime, out _) == 0;

    public static long NowNs
    {
        get
        {
            if (s_hasBootTime && clock_gettime(BootTime, out var time) == 0)
                return (time.Seconds * NsPerSecond) + time.Nanoseconds;
            return (long)Stopwatch.GetElapsedTime(0).TotalNanoseconds;
        }
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct TimeSpec
    {
        public long Seconds;
        public long Nanoseconds;
    }

    [LibraryImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    [SuppressGCTransition]
    private static partial int clock_gettime(int clock, out TimeSpec time);
}
