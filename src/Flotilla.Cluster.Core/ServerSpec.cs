using System.Text.Json.Serialization;

namespace Flotilla.Cluster.Core;

/// <summary>What a node's configuration says of one of its servers.</summary>
public sealed record ServerSpec
{
    /// <summary>Also of programs that knew no other.</summary>
    public const int LeaseMsDefault = 2_000;

    public required ServerName Name { get; init; }

    /// <summary>Where the others and the clients reach it.</summary>
    public required string Host { get; init; }

    public required int Port { get; init; }

    public ServerKind Kind { get; init; }

    /// <summary><c>@@server_id</c>.</summary>
    public required uint ServerId { get; init; }

    /// <summary>
    /// How long it may be primary without a keep-alive, from when that was sent. 2 s: longer than the group may pause for a lost member, or that would kill a healthy primary. An epoch keeps the one
    /// that it began with: the others wait for its end.
    /// </summary>
    public int LeaseMs { get; init => field = value == 0 ? LeaseMsDefault : value; } = LeaseMsDefault;

    /// <summary>Which building, as far as anybody cares; empty for "the same".</summary>
    public string Site { get; init; } = "";

    public ServerPriority Priority { get; init; } = ServerPriority.Normal;

    /// <summary>Its node neither starts nor ends its process, so nothing could fence it: it follows and acknowledges, and is never primary. From level 2 of the rules on.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool IsWatched { get; init; }
}
