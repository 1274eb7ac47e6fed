using Flotilla.Primitives;

namespace Flotilla.Simulation;

/// <summary>The world's time: moves only when the simulation moves it.</summary>
public sealed class VirtualClock(long startMs)
{
    /// <summary>Milliseconds since the Unix epoch.</summary>
    public long NowMs { get; private set; } = startMs;

    public void Advance(long ms) => AdvanceTo(NowMs + ms);

    public void AdvanceTo(long nowMs)
    {
        Invariant.Require(nowMs >= NowMs);
        NowMs = nowMs;
    }
}
