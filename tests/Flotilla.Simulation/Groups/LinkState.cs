namespace Flotilla.Simulation.Groups;

/// <summary>One direction between two nodes.</summary>
public sealed class LinkState
{
    public long MinDelayNs { get; set; } = 100_000;

    /// <summary>Mean of an exponential delay on top.</summary>
    public long MeanDelayNs { get; set; } = 50_000;

    /// <summary>Of a million frames so many are lost; on a stream they come late instead.</summary>
    public int LossPpm { get; set; }

    public int DuplicatePpm { get; set; }

    public int ReorderPpm { get; set; }

    public long BytesPerSecond { get; set; } = 125_000_000;

    /// <summary>Nothing arrives before.</summary>
    public long ClogUntilNs { get; set; }

    /// <summary>How many faults cut it now.</summary>
    public int Cuts { get; set; }

    public bool IsCut => Cuts > 0;

    internal long BusyUntilNs { get; set; }

    internal long LastArrivalNs { get; set; }

    /// <summary>On a stream: what waits for the cut to end, with its connection.</summary>
    internal List<(long Connection, byte[] Bytes)> Held { get; } = [];
}
