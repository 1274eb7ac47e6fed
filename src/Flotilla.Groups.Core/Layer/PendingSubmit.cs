namespace Flotilla.Groups.Core.Layer;

/// <summary>What to tell whom when an own entry is delivered.</summary>
internal readonly record struct PendingSubmit(LayerEntryKind Kind, ulong Token)
{
    /// <summary>The entry's number at this member.</summary>
    public ulong Number { get; init; }

    /// <summary>For a client's message: its connection, and its own number.</summary>
    public uint Client { get; init; }

    public ulong ClientNumber { get; init; }

    public bool Matters => Token != 0 || Client != 0;
}
