using System.Collections.Immutable;
using System.Globalization;

namespace Flotilla.Groups.Core;

/// <summary>How a node behaves. Times are on the monotonic clock; all nodes of a cluster should use the same.</summary>
public sealed record NodeOptions
{
    private const long Ms = 1_000_000;

    /// <summary>Name for people; unique in the cluster.</summary>
    public required string Name { get; init; }

    /// <summary>Where other nodes reach this one; opaque to the core.</summary>
    public required string Address { get; init; }

    /// <summary>The addresses that must all be present and fresh to found a cluster; this node's own among them. Empty: this node never founds one, it joins.</summary>
    public ImmutableArray<string> Founders { get; init; } = [];

    /// <summary>Seed of everything this node draws. The runtime gives true randomness, a simulation its seed.</summary>
    public required ulong RandomSeed { get; init; }

    /// <summary>The runtime ticks at least this often. 10 ms.</summary>
    public long TickNs { get; init; } = 10 * Ms;

    /// <summary>Between heartbeats. 50 ms.</summary>
    public long HeartbeatNs { get; init; } = 50 * Ms;

    /// <summary>Silence after which a member is suspected, when nobody hears it. 600 ms: twelve heartbeats.</summary>
    public long SuspectNs { get; init; } = 600 * Ms;

    /// <summary>Length of the primary lease. 1 s. Longer than <see cref="SuspectNs"/>, or silence alone would end it.</summary>
    public long LeaseNs { get; init; } = 1000 * Ms;

    /// <summary>
    /// Waits for the lease of every member that is dropped. False: not of one whose process is confirmed gone (its connection was reset, and another refused), which
    /// saves up to <see cref="LeaseNs"/> after a crash.
    /// </summary>
    public bool AlwaysWaitsForLeases { get; init; }

    /// <summary>How far the rates of two clocks may differ, in parts per million. 1000 ppm: ten times what a bad oscillator does.</summary>
    public int ClockDriftPpm { get; init; } = 1000;

    /// <summary>Most voters. 5: two may fail; more cost every message without helping much.</summary>
    public int MaxVoters { get; init; } = 5;

    /// <summary>Weight of this node's vote, 1 to 100.</summary>
    public int Weight { get; init; } = 1;

    /// <summary>A learner for ever.</summary>
    public bool NeverVotes { get; init; }

    /// <summary>Longest message. 16 MiB.</summary>
    public int MaxMessageBytes { get; init; } = 16 << 20;

    /// <summary>What is kept for the slowest member before it is made a learner. 64 MiB.</summary>
    public long MaxLagBytes { get; init; } = 64L << 20;

    /// <summary>What local senders may have unsequenced before sends wait. 16 MiB.</summary>
    public long MaxUnsequencedBytes { get; init; } = 16L << 20;

    /// <summary>Entries logged since the last checkpoint of the shared state before another is taken. 16 MiB.</summary>
    public long CheckpointEveryBytes { get; init; } = 16L << 20;

    /// <summary>Whether entries are kept on disk. Promises and views always are.</summary>
    public bool LogOnDisk { get; init; } = true;

    /// <summary>Says everything that is wrong, at once; empty when nothing is.</summary>
    public IReadOnlyList<string> Validate()
    {
        List<string> wrong = [];
        Require(wrong, Name.Length is > 0 and <= 64, "the length of Name", Text(Name.Length), "1 to 64 characters");
        Require(wrong, Address.Length is > 0 and <= 256, "the length of Address", Text(Address.Length), "1 to 256 characters");
        Require(wrong, RandomSeed != 0, nameof(RandomSeed), "0", "anything but 0");
        Require(wrong, Weight is >= 1 and <= 100, nameof(Weight), Text(Weight), "1 to 100");
        Require(wrong, MaxVoters is >= 1 and <= 15, nameof(MaxVoters), Text(MaxVoters), "1 to 15");
        Require(wrong, TickNs is >= Ms and <= 1000 * Ms, nameof(TickNs), Text(TickNs), "1 ms to 1 s");
        Require(wrong, HeartbeatNs >= TickNs, nameof(HeartbeatNs), Text(HeartbeatNs), "at least a tick");
        Require(wrong, SuspectNs >= 3 * HeartbeatNs, nameof(SuspectNs), Text(SuspectNs), "at least three heartbeats");
        Require(wrong, LeaseNs >= 3 * HeartbeatNs, nameof(LeaseNs), Text(LeaseNs), "at least three heartbeats");
        Require(wrong, ClockDriftPpm is >= 0 and <= 100_000, nameof(ClockDriftPpm), Text(ClockDriftPpm), "0 to 100000");
        Require(wrong, MaxMessageBytes is >= 1024 and <= 256 << 20, nameof(MaxMessageBytes), Text(MaxMessageBytes), "1 KiB to 256 MiB");
        Require(wrong, MaxLagBytes >= MaxMessageBytes, nameof(MaxLagBytes), Text(MaxLagBytes), "at least MaxMessageBytes");
        return wrong;
    }

    private static void Require(List<string> wrong, bool holds, string option, string value, string range)
    {
        if (!holds)
            wrong.Add($"{option} is {value}, must be {range}");
    }

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);
}
