namespace Flotilla.Cluster.Probe;

/// <summary>What a writer was told of one write.</summary>
internal enum WriteOutcome : byte
{
    Acknowledged,

    /// <summary>The server said that it did not carry it out.</summary>
    Refused,

    /// <summary>No answer, or one that leaves it open.</summary>
    Unknown,
}
