using System.Net;
using Flotilla.Groups.Core;

namespace Flotilla.Groups.Transport;

/// <summary>An address this node wants to be connected to.</summary>
internal sealed class DialTarget(string address)
{
    public string Address { get; } = address;

    /// <summary>Named by the discovery.</summary>
    public bool IsSeed { get; set; }

    /// <summary>A member of the view.</summary>
    public bool IsMember { get; set; }

    /// <summary>This node's own address.</summary>
    public bool IsSelf { get; set; }

    /// <summary>Who answered there last, or who should.</summary>
    public NodeId Node { get; set; }

    /// <summary>An attempt is under way, up to the end of its handshake.</summary>
    public bool IsBusy { get; set; }

    public long NextNs { get; set; }

    public long BackOffNs { get; set; }

    /// <summary>A connection to <see cref="Node"/> ended without a word at this time; 0 when none did, or it was explained.</summary>
    public long LostNs { get; set; }

    /// <summary>What went wrong last, so that it is logged once and not at each attempt.</summary>
    public string? LastProblem { get; set; }

    /// <summary>What the address resolves to; asked for again when all of it was tried.</summary>
    public IPEndPoint[] EndPoints { get; set; } = [];

    public int NextEndPoint { get; set; }

    /// <summary>Worth dialling still.</summary>
    public bool IsWanted => IsSeed || IsMember || LostNs != 0;
}
