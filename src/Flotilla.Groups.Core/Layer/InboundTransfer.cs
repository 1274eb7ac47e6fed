namespace Flotilla.Groups.Core.Layer;

/// <summary>A state on its way to this node: the shared tables, or a group's. Each attempt is a new one, with a number of its own.</summary>
internal sealed class InboundTransfer(LocalGroup? group, ulong minCut)
{
    /// <summary>Null for the shared tables.</summary>
    public LocalGroup? Group { get; } = group;

    /// <summary>The state must contain everything to here: what came later is held back.</summary>
    public ulong MinCut { get; set; } = minCut;

    /// <summary>0 while no donor is known.</summary>
    public ulong Id { get; set; }

    public MemberId Donor { get; set; }

    public int Attempt { get; set; }

    /// <summary>Position the donor's state is of; 0 before its first chunk.</summary>
    public ulong Cut { get; set; }

    public ulong Lineage { get; set; }

    /// <summary>The chunk wanted next.</summary>
    public uint Next { get; set; }

    public uint Taken { get; set; }

    public uint Checksum { get; set; }

    /// <summary>All chunks came; they count once this node's log reaches to <see cref="Cut"/>.</summary>
    public bool HasAll { get; set; }

    /// <summary>The last chunk of a group's state, until it counts.</summary>
    public byte[] LastPiece { get; set; } = [];

    /// <summary>It counts.</summary>
    public bool IsWhole { get; set; }

    public bool IsReadySaid { get; set; }

    public long AskedNs { get; set; }

    public long HeardNs { get; set; }

    public long ProgressNs { get; set; }

    /// <summary>For a claim: since when nobody has the state.</summary>
    public long AloneSinceNs { get; set; } = long.MaxValue;

    /// <summary>The tables' bytes so far.</summary>
    public LayerWriter Buffer { get; } = new();
}
