namespace Flotilla.Groups.Core.Layer;

/// <summary>A flush that has not ended.</summary>
internal sealed class PendingFlush(ulong id, ulong token, uint group, int members)
{
    public ulong Id { get; } = id;

    public ulong Token { get; } = token;

    public uint Group { get; } = group;

    /// <summary>0 for all.</summary>
    public int Members { get; } = members;

    /// <summary>Its own position, once it is delivered here; everything sent before lies before it.</summary>
    public ulong Sequence { get; set; }

    public long AskAtNs { get; set; }
}
