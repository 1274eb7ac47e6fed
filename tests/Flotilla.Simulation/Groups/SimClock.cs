namespace Flotilla.Simulation.Groups;

/// <summary>A node's monotonic clock: any origin, a rate of its own.</summary>
internal sealed class SimClock
{
    private const long Million = 1_000_000;

    private long _worldNs;
    private long _localNs;

    /// <summary>Parts per million faster than the world's.</summary>
    public int Ppm { get; private set; }

    public void Begin(long worldNs, long localNs) => (_worldNs, _localNs) = (worldNs, localNs);

    public void SetRate(long worldNs, int ppm)
    {
        (_localNs, _worldNs) = (Local(worldNs), worldNs);
        Ppm = ppm;
    }

    public long Local(long worldNs) => _localNs + (worldNs - _worldNs) + (long)((Int128)(worldNs - _worldNs) * Ppm / Million);

    public long World(long localNs) => localNs >= long.MaxValue / 2 ? long.MaxValue : _worldNs + (long)((Int128)(localNs - _localNs) * Million / (Million + Ppm));
}
