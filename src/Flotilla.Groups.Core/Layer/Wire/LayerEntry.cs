using System.Text.Unicode;

namespace Flotilla.Groups.Core.Layer;

/// <summary>
/// The body of an entry of the log. Which fields count depends on the kind; docs/protocols/groups.md has the bytes.
/// </summary>
internal readonly ref struct LayerEntry
{
    public LayerEntryKind Kind { get; init; }

    /// <summary>The group's shared number.</summary>
    public uint Group { get; init; }

    /// <summary>A query's, flush's or lock request's number at its sender; a client's message number; a lineage.</summary>
    public ulong Id { get; init; }

    /// <summary>A lock's name; a dictionary's key.</summary>
    public ReadOnlySpan<byte> Name { get; init; }

    public DictionaryCondition Condition { get; init; }

    /// <summary>For writes under a condition; for releases the token.</summary>
    public ulong Version { get; init; }

    /// <summary>For acquires: don't wait. For writes: there is a value.</summary>
    public bool Flag { get; init; }

    public ClientId Client { get; init; }

    /// <summary>A message's body, a value, the list of groups of a join or leave.</summary>
    public ReadOnlySpan<byte> Payload { get; init; }

    public void Write(LayerWriter writer)
    {
        writer.Byte((byte)Kind);
        switch (Kind)
        {
            case LayerEntryKind.Message: writer.U32(Group).Raw(Payload); break;
            case LayerEntryKind.Query: writer.U32(Group).Varint(Id).Raw(Payload); break;
            case LayerEntryKind.Join or LayerEntryKind.Leave: writer.Raw(Payload); break;
            case LayerEntryKind.Ready or LayerEntryKind.Flush: writer.U32(Group).Varint(Id); break;
            case LayerEntryKind.Claim or LayerEntryKind.Discard or LayerEntryKind.StepBack: writer.U32(Group); break;
            case LayerEntryKind.Acquire: writer.Varint(Id).Byte(Flag ? (byte)1 : (byte)0).Raw(Name); break;
            case LayerEntryKind.Release: writer.U64(Version).Raw(Name); break;
            case LayerEntryKind.CancelAcquire: writer.Varint(Id).Raw(Name); break;
            case LayerEntryKind.Write:
                writer.U32(Group).Bytes(Name).Byte((byte)Condition).Varint(Version).Byte(Flag ? (byte)1 : (byte)0).Raw(Payload);
                break;
            case LayerEntryKind.ClientMessage:
                writer.U64(Client.High).U64(Client.Low).Varint(Id).U32(Group).Raw(Payload);
                break;
            default: throw new Primitives.InvariantViolationException($"no entry is written as {Kind}");
        }
    }

    public static bool TryRead(ReadOnlySpan<byte> body, out LayerEntry entry)
    {
        entry = default;
        var reader = new LayerReader(body);
        entry = entry with { Kind = (LayerEntryKind)reader.Byte() };
        switch (entry.Kind)
        {
            case LayerEntryKind.Message:
                entry = entry with { Group = reader.U32() };
                break;
            case LayerEntryKind.Query:
                entry = entry with { Group = reader.U32() };
                entry = entry with { Id = reader.Varint() };
                break;
            case LayerEntryKind.Join or LayerEntryKind.Leave:
                break;
            case LayerEntryKind.Ready or LayerEntryKind.Flush:
                entry = entry with { Group = reader.U32() };
                entry = entry with { Id = reader.Varint() };
                return reader.IsWhole;
            case LayerEntryKind.Claim or LayerEntryKind.Discard or LayerEntryKind.StepBack:
                entry = entry with { Group = reader.U32() };
                return reader.IsWhole;
            case LayerEntryKind.Acquire or LayerEntryKind.Release or LayerEntryKind.CancelAcquire:
                return TryReadLock(reader, ref entry);
            case LayerEntryKind.Write:
                return TryReadWrite(reader, ref entry);
            case LayerEntryKind.ClientMessage:
                entry = entry with { Client = new ClientId(reader.U64(), reader.U64()) };
                entry = entry with { Id = reader.Varint() };
                entry = entry with { Group = reader.U32() };
                if (entry.Client.IsNone || entry.Id == 0)
                    return false;
                break;
            case LayerEntryKind.None:
            default:
                return false;
        }

        entry = entry with { Payload = reader.Rest() };
        return reader.IsGood && (entry.Kind is not (LayerEntryKind.Join or LayerEntryKind.Leave) || GroupList.IsValid(entry.Kind, entry.Payload));
    }

    private static bool TryReadLock(LayerReader reader, ref LayerEntry entry)
    {
        if (entry.Kind == LayerEntryKind.Release)
            entry = entry with { Version = reader.U64() };
        else
            entry = entry with { Id = reader.Varint() };
        if (entry.Kind == LayerEntryKind.Acquire)
            entry = entry with { Flag = reader.Flag() };
        entry = entry with { Name = reader.Rest() };
        return reader.IsGood && IsName(entry.Name, LayerLimits.MaxNameBytes);
    }

    private static bool TryReadWrite(LayerReader reader, ref LayerEntry entry)
    {
        entry = entry with { Group = reader.U32() };
        entry = entry with { Name = reader.Bytes() };
        entry = entry with { Condition = (DictionaryCondition)reader.Byte() };
        entry = entry with { Version = reader.Varint() };
        entry = entry with { Flag = reader.Flag() };
        entry = entry with { Payload = reader.Rest() };
        return reader.IsGood
            && IsName(entry.Name, LayerLimits.MaxKeyBytes)
            && entry.Condition <= DictionaryCondition.Version
            && entry.Payload.Length <= LayerLimits.MaxValueBytes
            && (entry.Flag || entry.Payload.IsEmpty);
    }

    private static bool IsName(ReadOnlySpan<byte> name, int maxBytes) => name.Length >= 1 && name.Length <= maxBytes && Utf8.IsValid(name);
}
