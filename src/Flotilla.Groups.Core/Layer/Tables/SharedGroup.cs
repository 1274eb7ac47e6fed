using System.Collections.Immutable;
using Flotilla.Primitives;

namespace Flotilla.Groups.Core.Layer;

/// <summary>A group as all nodes know it.</summary>
internal sealed class SharedGroup(uint number, string name, bool isPersistent)
{
    /// <summary>Given at its first join, never given again.</summary>
    public uint Number { get; } = number;

    public string Name { get; } = name;

    public bool IsPersistent { get; } = isPersistent;

    public ulong ViewNumber { get; set; }

    /// <summary>Position where its state was begun; 0 while it never was. A state of another lineage is worthless.</summary>
    public ulong Lineage { get; private set; }

    /// <summary>Position of the last entry that changed its state.</summary>
    public ulong LastSequence { get; private set; }

    /// <summary>The epoch of that entry; 0 for not known.</summary>
    public ulong LastEpoch { get; private set; }

    /// <summary>By age, the oldest first.</summary>
    public List<GroupSeat> Seats { get; } = [];

    /// <summary>For persistent ones: the nodes that had the state when somebody last did.</summary>
    public ImmutableArray<NodeId> Holders { get; set; } = [];

    public ImmutableSortedDictionary<string, DictionaryItem> Dictionary { get; set; } = DictionaryCopy.Empty;

    public long DictionaryBytes { get; set; }

    /// <summary>It has a state, and that is only on disks.</summary>
    public bool IsStateAway => IsPersistent && Lineage != 0 && !HasGiver;

    public bool HasGiver => Seats.Exists(seat => seat.CanGive);

    public bool HasStateSeats => Seats.Exists(seat => seat.State != GroupStateKind.None);

    /// <summary>Without this member the group lives on, and its state too.</summary>
    public bool CanSpare(GroupSeat seat) => Seats.Exists(other => other != seat && (seat.State == GroupStateKind.None || other.CanGive));

    public GroupSeat? Find(MemberId id) => Seats.Find(seat => seat.Id == id);

    /// <summary>An entry begins the state.</summary>
    public void Begin(in LogEntry entry)
    {
        Lineage = entry.Sequence;
        Change(entry);
    }

    /// <summary>An entry changes the state.</summary>
    public void Change(in LogEntry entry) => (LastSequence, LastEpoch) = (entry.Sequence, entry.Epoch);

    public void NoteHolders()
    {
        if (HasGiver)
            Holders = [.. Seats.Where(seat => seat.CanGive).Select(seat => seat.Id.Node).Order()];
    }

    /// <summary>Null when it was written; otherwise why not.</summary>
    public string? Apply(string key, in LayerEntry write, ulong sequence, out DictionaryItem? found)
    {
        Invariant.Require(write.Kind == LayerEntryKind.Write);
        found = Dictionary.GetValueOrDefault(key);
        if (write.Condition == DictionaryCondition.Absent && found is not null)
            return $"the key is there, in version {found.Version}";
        if (write.Condition == DictionaryCondition.Version && (found?.Version ?? 0) != write.Version)
            return found is null ? "the key is not there" : $"the key has version {found.Version}";
        var before = found is null ? 0 : write.Name.Length + found.Value.Length;
        var after = write.Flag ? write.Name.Length + write.Payload.Length : 0;
        if (after > before && DictionaryBytes + after - before > LayerLimits.MaxDictionaryBytes)
            return $"the dictionary is full: it holds {DictionaryBytes} of {LayerLimits.MaxDictionaryBytes} bytes";
        DictionaryBytes += after - before;
        Dictionary = write.Flag
            ? Dictionary.SetItem(key, new DictionaryItem(sequence, write.Payload.ToArray()))
            : Dictionary.Remove(key);
        return null;
    }

    public void Write(LayerWriter writer)
    {
        writer.U32(Number).Text(Name).Byte(IsPersistent ? (byte)1 : (byte)0).Varint(ViewNumber).Varint(Lineage).Varint(LastSequence).Varint(LastEpoch);
        writer.Varint((ulong)Seats.Count);
        foreach (var seat in Seats)
            writer.Member(seat.Id).Byte((byte)seat.State).Byte(seat.IsReady ? (byte)1 : (byte)0);
        writer.Varint((ulong)Holders.Length);
        foreach (var holder in Holders)
            writer.U64(holder.Value);
        writer.Varint((ulong)Dictionary.Count);
        foreach (var (key, item) in Dictionary)
            writer.Text(key).Varint(item.Version).Bytes(item.Value.Span);
    }

    public static SharedGroup Read(ref LayerReader reader, bool hasEpoch)
    {
        var group = new SharedGroup(reader.U32(), reader.Text(LayerLimits.MaxNameBytes), reader.Flag())
        {
            ViewNumber = reader.Varint(),
            Lineage = reader.Varint(),
            LastSequence = reader.Varint(),
            LastEpoch = hasEpoch ? reader.Varint() : 0,
        };
        for (var count = reader.Count(14); count > 0 && reader.IsGood; count--)
        {
            var seat = new GroupSeat(reader.Member(), (GroupStateKind)reader.Byte()) { IsReady = reader.Flag() };
            if (seat.State > GroupStateKind.Persistent)
                reader.Fail();
            group.Seats.Add(seat);
        }

        var holders = ImmutableArray.CreateBuilder<NodeId>();
        for (var count = reader.Count(8); count > 0 && reader.IsGood; count--)
            holders.Add(new NodeId(reader.U64()));
        group.Holders = holders.ToImmutable();
        group.ReadDictionary(ref reader);
        return group;
    }

    private void ReadDictionary(ref LayerReader reader)
    {
        var dictionary = DictionaryCopy.Empty.ToBuilder();
        for (var count = reader.Count(4); count > 0 && reader.IsGood; count--)
        {
            var key = reader.Text(LayerLimits.MaxKeyBytes);
            var item = new DictionaryItem(reader.Varint(), reader.Bytes().ToArray());
            dictionary[key] = item;
            DictionaryBytes += System.Text.Encoding.UTF8.GetByteCount(key) + item.Value.Length;
        }

        Dictionary = dictionary.ToImmutable();
    }
}
