namespace Flotilla.JobServer.Hosting;

/// <summary>
/// Milliseconds since the Unix epoch for the machine: the wall clock at the start, plus what passed since. A wall clock that is set while
/// the server runs moves no deadline at once; this one goes a little faster or slower until both agree again, so that jobs with a date
/// are right in the end. May be read from any thread.
/// </summary>
internal sealed class ServerClock(TimeProvider time)
{
    /// <summary>Differences smaller than this are left alone: wall clocks are disciplined all the time.</summary>
    private const long ToleranceMs = 20;

    /// <summary>At most one millisecond in so many is put right: timeouts are off by a quarter while it lasts, not more.</summary>
    private const long CorrectionShare = 4;

    private readonly Lock _lock = new();
    private readonly long _started = time.GetTimestamp();
    private readonly long _startedMs = time.GetUtcNow().ToUnixTimeMilliseconds();
    private long _correctionMs;
    private long _correctedAtMs;

    /// <summary>Never goes back.</summary>
    public long NowMs()
    {
        lock (_lock)
        {
            var passedMs = (long)time.GetElapsedTime(_started).TotalMilliseconds;
            var allowanceMs = (passedMs - _correctedAtMs) / CorrectionShare;
            if (allowanceMs > 0)
            {
                var behindMs = time.GetUtcNow().ToUnixTimeMilliseconds() - (_startedMs + passedMs + _correctionMs);
                if (Math.Abs(behindMs) > ToleranceMs)
                    _correctionMs += Math.Clamp(behindMs, -allowanceMs, allowanceMs);
                _correctedAtMs = passedMs;
            }

            return _startedMs + passedMs + _correctionMs;
        }
    }
}
