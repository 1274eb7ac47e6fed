using System.Collections.Immutable;

namespace Flotilla.Groups.Core.Layer;

/// <summary>What the group layer of every node knows alike at one position of the log.</summary>
internal sealed class SharedTables
{
    private const byte Format = 2;

    /// <summary>Without the epochs of the groups' last messages.</summary>
    private const byte FormatWithoutEpochs = 1;

    private readonly SortedDictionary<uint, SharedGroup> _groups = [];
    private readonly Dictionary<string, SharedGroup> _byName = new(StringComparer.Ordinal);
    private readonly SortedDictionary<MemberId, ulong> _numbers = [];
    private readonly SortedDictionary<MemberId, ClusterMember> _roster = [];
    private uint _lastGroup;

    /// <summary>Everything to here is in.</summary>
    public ulong Sequence { get; set; }

    public ulong Epoch { get; private set; }

    public LockTable Locks { get; private set; } = new();

    public ClientTable Clients { get; private set; } = new();

    public IReadOnlyCollection<SharedGroup> Groups => _groups.Values;

    public SharedGroup? Find(uint number) => _groups.GetValueOrDefault(number);

    public SharedGroup? Find(string name) => _byName.GetValueOrDefault(name);

    public SharedGroup GetOrAdd(string name, bool isPersistent)
    {
        if (_byName.TryGetValue(name, out var group))
            return group;
        group = new SharedGroup(++_lastGroup, name, isPersistent);
        _groups.Add(group.Number, group);
        _byName.Add(name, group);
        return group;
    }

    public void Remove(SharedGroup group)
    {
        _groups.Remove(group.Number);
        _byName.Remove(group.Name);
    }

    /// <summary>The last number of a member's that is in; 0 for none.</summary>
    public ulong LastNumber(MemberId member) => _numbers.GetValueOrDefault(member);

    public void NoteNumber(MemberId member, ulong number) => _numbers[member] = number;

    public bool IsInView(MemberId member) => _roster.ContainsKey(member);

    public ClusterMember? Member(MemberId member) => _roster.GetValueOrDefault(member);

    public void Take(ClusterView view)
    {
        Epoch = view.Epoch;
        Sequence = view.StartSequence;
        _roster.Clear();
        foreach (var member in view.Members)
            _roster.Add(member.Id, member);
        List<MemberId> gone = [.. _numbers.Keys.Where(member => !_roster.ContainsKey(member))];
        foreach (var member in gone)
            _numbers.Remove(member);
    }

    public GroupView ViewOf(SharedGroup group, ImmutableArray<MemberId> joined, ImmutableArray<MemberId> left) => new()
    {
        Group = group.Name,
        Epoch = Epoch,
        Number = group.ViewNumber,
        Sequence = Sequence,
        Members = [.. group.Seats.Select(seat => _roster[seat.Id])],
        Joined = joined,
        Left = left,
    };

    public void Write(LayerWriter writer)
    {
        writer.Byte(Format).Varint(Sequence).Varint(Epoch).U32(_lastGroup).Varint((ulong)_roster.Count);
        foreach (var member in _roster.Values)
        {
            writer.Member(member.Id).Text(member.Name).Text(member.Address).Byte((byte)member.Role);
            writer.Varint((ulong)member.Weight).Byte(member.NeverVotes ? (byte)1 : (byte)0);
        }

        writer.Varint((ulong)_numbers.Count);
        foreach (var (member, number) in _numbers)
            writer.Member(member).Varint(number);
        writer.Varint((ulong)_groups.Count);
        foreach (var group in _groups.Values)
            group.Write(writer);
        Locks.Write(writer);
        Clients.Write(writer);
    }

    public static SharedTables? TryRead(ReadOnlySpan<byte> bytes)
    {
        var reader = new LayerReader(bytes);
        var format = reader.Byte();
        if (format is not (Format or FormatWithoutEpochs))
            return null;
        var tables = new SharedTables { Sequence = reader.Varint(), Epoch = reader.Varint(), _lastGroup = reader.U32() };
        tables.ReadRoster(ref reader);
        for (var count = reader.Count(13); count > 0 && reader.IsGood; count--)
            tables._numbers[reader.Member()] = reader.Varint();
        for (var count = reader.Count(14); count > 0 && reader.IsGood; count--)
            tables.ReadGroup(ref reader, hasEpoch: format == Format);
        tables.Locks = LockTable.Read(ref reader);
        tables.Clients = ClientTable.Read(ref reader);
        return reader.IsWhole ? tables : null;
    }

    private void ReadRoster(ref LayerReader reader)
    {
        for (var count = reader.Count(17); count > 0 && reader.IsGood; count--)
        {
            var id = reader.Member();
            var (name, address) = (reader.Text(1024, mayBeEmpty: true), reader.Text(4096, mayBeEmpty: true));
            var (role, weight, neverVotes) = ((MemberRole)reader.Byte(), reader.Varint(), reader.Flag());
            if (role is not (MemberRole.Learner or MemberRole.Voter) || weight > int.MaxValue || _roster.ContainsKey(id))
                reader.Fail();
            else
                _roster.Add(id, new ClusterMember(id, name, address, role, (int)weight) { NeverVotes = neverVotes });
        }
    }

    private void ReadGroup(ref LayerReader reader, bool hasEpoch)
    {
        var group = SharedGroup.Read(ref reader, hasEpoch);
        var isSound = group.Number > 0 && group.Number <= _lastGroup && group.Seats.TrueForAll(seat => _roster.ContainsKey(seat.Id));
        if (!reader.IsGood || !isSound || !_groups.TryAdd(group.Number, group) || !_byName.TryAdd(group.Name, group))
            reader.Fail();
    }

    /// <summary>As of its position, to the last bit: what two nodes at one position must agree on.</summary>
    public ulong Fingerprint(LayerWriter scratch)
    {
        Write(scratch.Clear());
        var hash = 14695981039346656037UL;
        foreach (var value in scratch.Written)
            hash = (hash ^ value) * 1099511628211UL;
        return hash;
    }
}
