namespace Flotilla.Primitives;

/// <summary>A deterministic source of randomness (xorshift64*): the same seed gives the same run on every machine.</summary>
public sealed class SeededRandom(ulong seed)
{
    private ulong _state = seed == 0 ? 0x9E3779B97F4A7C15 : seed;

    public ulong NextUInt64()
    {
        _state ^= _state >> 12;
        _state ^= _state << 25;
        _state ^= _state >> 27;
        return _state * 0x2545F4914F6CDD1D;
    }

    /// <summary>Uniform in [0, <paramref name="exclusiveMax"/>).</summary>
    public int Next(int exclusiveMax)
    {
        Invariant.Require(exclusiveMax > 0);
        return (int)(((NextUInt64() >> 32) * (ulong)exclusiveMax) >> 32);
    }

    /// <summary>Uniform in [<paramref name="min"/>, <paramref name="exclusiveMax"/>).</summary>
    public int Next(int min, int exclusiveMax) => min + Next(exclusiveMax - min);

    /// <summary>True once in <paramref name="oneIn"/> calls on average.</summary>
    public bool OneIn(int oneIn) => Next(oneIn) == 0;

    public void Fill(Span<byte> target)
    {
        foreach (ref var value in target)
            value = (byte)(NextUInt64() >> 56);
    }
}
