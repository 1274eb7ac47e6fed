using System.Diagnostics;

namespace Flotilla.Chaos.Tests.Clients;

/// <summary>CLOCK_MONOTONIC: comparable between the processes of one machine.</summary>
internal static class MonotonicClock
{
    public static long NowNs => (long)(Stopwatch.GetTimestamp() * (1e9 / Stopwatch.Frequency));
}
