using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Flotilla.Cluster.Core;

/// <summary>The newest epoch that got a primary: from the decision to promote it on.</summary>
public sealed record EpochState
{
    public required ulong Number { get; init; }

    public required ServerName Primary { get; init; }

    /// <summary>The primary's lease: <see cref="ServerSpec.LeaseMs"/> when the epoch began, whatever is configured since.</summary>
    /// <remarks>Epochs of programs before it have none.</remarks>
    public int LeaseMs { get; init => field = value == 0 ? ServerSpec.LeaseMsDefault : value; } = ServerSpec.LeaseMsDefault;

    /// <summary>Whose acknowledgements the primary counts; perhaps fewer in truth, never more.</summary>
    public required ImmutableArray<ServerName> Ackers { get; init; }

    /// <summary>Ackers that are being locked out.</summary>
    public ImmutableArray<LockedOut> LockedOut { get; init; } = [];

    /// <summary>What the primary had at its promotion.</summary>
    public required ReplicationPosition Start { get; init; }

    /// <summary>
    /// Servers that may be the only ones, but for the primary, to have a part of what is before <see cref="Start"/>. Empty as soon as an acker is known to have all of it.
    /// </summary>
    public ImmutableArray<ServerName> Elders { get; init; } = [];

    public Durability Durability { get; init; }

    /// <summary>The decision that made it so: its number.</summary>
    public ulong DurabilitySince { get; init; }

    /// <summary>While <see cref="Durability.Returning"/>: what the primary had logged after its commits began to wait again.</summary>
    public ReplicationPosition? WaitsFrom { get; init; }

    /// <summary>Null in an epoch that began by rules before level 2, until the primary tells.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public UnacknowledgedCommits? Unacknowledged { get; init; }

    /// <summary>The primary's process ended, or it was seen to be no primary any more; in this epoch it is none again.</summary>
    public bool IsDown { get; init; }

    public long LeaseNs => LeaseMs * 1_000_000L;

    /// <summary>Whoever may have acknowledged a commit that no other replica has.</summary>
    public ImmutableArray<ServerName> Witnesses => [.. Ackers.Union(Elders).Order()];

    /// <summary>
    /// Whether what a server has must not be destroyed. While the epoch is degraded its elders need not be kept: they have nothing that the primary lacks, and without it only a person decides.
    /// </summary>
    public bool IsCountedOn(ServerName server) => Ackers.Contains(server) || (Durability != Durability.Degraded && Elders.Contains(server));

    public bool IsLockedOut(ServerName server) => LockedOut.Any(one => one.Server == server);
}
