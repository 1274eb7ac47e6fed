namespace Flotilla.Guard;

/// <summary>
/// The clock of deadlines, CLOCK_BOOTTIME: the same for all processes of a host, never set, and going on while the host is suspended.
/// </summary>
public static class BootClock
{
    /// <summary>Nanoseconds since the host was started.</summary>
    public static long NowNs => Libc.BootTimeNs();
}
