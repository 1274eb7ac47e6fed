using System.Text.Json;

namespace Flotilla.Chaos.Tests.World;

/// <summary>What a node tells over HTTP, of those that are needed here.</summary>
internal sealed record ClusterStatus
{
    private const int Hosts = 3;

    public required ulong LastEpoch { get; init; }

    /// <summary>Null on a node that may not act.</summary>
    public required string? Coordinator { get; init; }

    /// <summary>Null before the first.</summary>
    public required string? Primary { get; init; }

    public required bool IsEpochLive { get; init; }

    public required bool HasPlan { get; init; }

    public required string Durability { get; init; }

    public required IReadOnlyList<string> Ackers { get; init; }

    /// <summary>Names of the nodes that are in the group.</summary>
    public required IReadOnlyList<string> NodesHere { get; init; }

    public required IReadOnlyList<ServerStatus> Servers { get; init; }

    /// <summary>The answer itself, for the message of a failure.</summary>
    public required string Text { get; init; }

    /// <summary>Whether there is a primary that may be written.</summary>
    public bool IsWritable => Coordinator is not null && IsEpochLive && !HasPlan && Primary is not null && Servers.Any(server => server.Name == Primary && server is { IsUp: true, IsReadOnly: false });

    /// <summary>All nodes are there, the primary is written, and all others follow and acknowledge.</summary>
    public bool IsFull
        => IsWritable && NodesHere.Count == Hosts && Durability == "acknowledged" && Ackers.Count == Servers.Count - 1
            && Servers.All(server => server.Name == Primary || server is { IsUp: true, IsReadOnly: true, IsReceiving: true });

    public static ClusterStatus Parse(string text)
    {
        using var document = JsonDocument.Parse(text);
        var root = document.RootElement;
        var hasEpoch = root.TryGetProperty("epoch", out var epoch);
        return new()
        {
            LastEpoch = root.GetProperty("lastEpoch").GetUInt64(),
            Coordinator = root.GetProperty("coordinator").GetString(),
            Primary = hasEpoch ? epoch.GetProperty("primary").GetString() : null,
            IsEpochLive = hasEpoch && epoch.GetProperty("isLive").GetBoolean(),
            HasPlan = root.TryGetProperty("plan", out _),
            Durability = hasEpoch ? epoch.GetProperty("durability").GetString()! : "",
            Ackers = hasEpoch ? [.. epoch.GetProperty("ackers").EnumerateArray().Select(one => one.GetString()!)] : [],
            NodesHere = [.. root.GetProperty("nodes").EnumerateArray().Where(node => node.GetProperty("isHere").GetBoolean()).Select(node => node.GetProperty("name").GetString()!)],
            Servers =
            [
                .. root.GetProperty("servers").EnumerateArray().Select(server => new ServerStatus(
                    server.GetProperty("name").GetString()!, server.GetProperty("status").GetString()!, server.GetProperty("isReadOnly").GetBoolean(), server.GetProperty("isReceiving").GetBoolean(), server.GetProperty("error").GetString()!)),
            ],
            Text = text,
        };
    }

    public static IReadOnlyList<Decided> ParseHistory(string text)
    {
        using var document = JsonDocument.Parse(text);
        return
        [
            .. document.RootElement.GetProperty("decisions").EnumerateArray().Select(one => new Decided(
                one.GetProperty("number").GetInt64(), one.GetProperty("epoch").GetUInt64(), one.GetProperty("what").GetString()!, one.GetProperty("why").GetString()!)),
        ];
    }
}
