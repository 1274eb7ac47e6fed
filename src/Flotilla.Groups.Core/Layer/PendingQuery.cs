namespace Flotilla.Groups.Core.Layer;

/// <summary>A query of this node, or of a client through it, that has not ended.</summary>
internal sealed class PendingQuery
{
    public required ulong Id { get; init; }

    /// <summary>The command; 0 for a client's.</summary>
    public ulong Token { get; init; }

    public uint Client { get; init; }

    public ulong ClientNumber { get; init; }

    public required int Wanted { get; init; }

    public required long DeadlineNs { get; init; }

    /// <summary>The group's shared number; 0 until the query is delivered here, and who is addressed is known.</summary>
    public uint Group { get; set; }

    public List<MemberId> Missing { get; } = [];

    /// <summary>Answers that came before the query was delivered here.</summary>
    public List<EarlyReply> Early { get; } = [];

    public int Replied { get; set; }

    public int Needed { get; set; }
}
