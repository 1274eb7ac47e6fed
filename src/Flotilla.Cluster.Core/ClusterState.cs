using System.Collections.Immutable;

namespace Flotilla.Cluster.Core;

/// <summary>
/// What the group agreed on: a replicated state machine, changed by <see cref="Apply"/> only, and plain data. Two nodes that applied the same commands have the same.
/// See docs/design/cluster.md.
/// </summary>
/// <remarks>What a state of an older program lacks is null or zero when it is read: the property that is set so says what that means.</remarks>
public sealed record ClusterState
{
    public const int HistoryMax = 500;

    /// <summary>More than anybody has: what a group may be told is limited.</summary>
    public const int ServersMax = 256;

    /// <summary>The level of the rules that this program knows: higher with each version that has other commands, or applies one in another way.</summary>
    public const int LevelKnown = 2;

    public static ClusterState Empty { get; } = new();

    /// <summary>Nodes that said which servers they have, in the order of names.</summary>
    public ImmutableArray<NodeName> Nodes { get; init; } = [];

    /// <summary>Of each of <see cref="Nodes"/>, in the same order.</summary>
    public ImmutableArray<NodeLevel> Levels { get; init => field = value.IsDefault ? [] : value; } = [];

    /// <summary>
    /// Which rules apply: the highest level that all nodes knew at once. It never falls. What belongs to a higher one is neither sent nor applied before, so nodes can be upgraded one at a time.
    /// </summary>
    public int Level { get; init => field = Math.Max(value, 1); } = 1;

    /// <summary>In the order of names.</summary>
    public ImmutableArray<ServerState> Servers { get; init; } = [];

    /// <summary>Servers that people took out, the last one last: whatever their nodes say, they are not in the cluster. At most <see cref="ServersMax"/>.</summary>
    public ImmutableArray<RemovedServer> Removed { get; init => field = value.IsDefault ? [] : value; } = [];

    /// <summary>The newest epoch that was begun; <see cref="Epoch"/> is older while a plan is on its way, or failed.</summary>
    public ulong LastEpoch { get; init; }

    /// <summary>Null before the first primary.</summary>
    public EpochState? Epoch { get; init; }

    /// <summary>The newest plan's number.</summary>
    public ulong LastPlan { get; init; }

    public Plan? Plan { get; init; }

    public ulong LastOrder { get; init; }

    public Order? Order { get; init; }

    public ClusterPolicy Policy { get; init; } = new();

    /// <summary>Nothing is begun, started, killed or degraded but what a person orders.</summary>
    public bool IsPaused { get; init; }

    public ulong LastDecision { get; init; }

    /// <summary>The last <see cref="HistoryMax"/> decisions, oldest first.</summary>
    public ImmutableArray<Decision> History { get; init; } = [];

    /// <summary>Whether the primary of <see cref="Epoch"/> is still the one: no later epoch was begun, and it has not ended.</summary>
    public bool IsEpochLive => Epoch is { IsDown: false } epoch && epoch.Number == LastEpoch;

    public ServerState? Find(ServerName name)
    {
        foreach (var server in Servers)
        {
            if (server.Name == name)
                return server;
        }

        return null;
    }

    /// <summary>Null when no server of that name was taken out.</summary>
    public RemovedServer? FindRemoved(ServerName name) => Removed.FirstOrDefault(one => one.Server == name);

    /// <summary>Whether that server is primary of that epoch, and may have a lease.</summary>
    public bool IsPrimary(ServerName server, ulong epoch) => IsEpochLive && Epoch!.Number == epoch && Epoch.Primary == server;

    /// <summary>
    /// The role of a server's crash recovery. That of a replica takes away the end of the log, as far as the engine has not got it on disk: right for a former primary, whose commits may
    /// have been acknowledged by nobody, and wrong for all others, who have it from a primary and may be the only ones.
    /// </summary>
    public ServerRole RoleOf(ServerName server)
        => Planted.Is(PlantedBug.RecoverAlwaysAsReplica) || (Epoch is not null && Epoch.Primary != server && Find(server) is { MayHaveTail: true }) ? ServerRole.Replica : ServerRole.Primary;

    /// <summary>The state after a command; the same one when the command comes too late or makes no sense.</summary>
    public ClusterState Apply(ClusterCommand command) => Transitions.Apply(this, command);
}
