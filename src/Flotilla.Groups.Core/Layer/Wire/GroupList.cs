namespace Flotilla.Groups.Core.Layer;

/// <summary>
/// The groups of a join or leave. Join: varint count, each text name, u8 state, varint recovered to, varint lineage. Leave: varint count, u32 each.
/// </summary>
internal static class GroupList
{
    public static void WriteJoin(LayerWriter writer, IReadOnlyList<JoinItem> items)
    {
        writer.Varint((ulong)items.Count);
        foreach (var item in items)
            writer.Text(item.Name).Byte((byte)item.State).Varint(item.RecoveredTo).Varint(item.Lineage);
    }

    public static bool IsValid(LayerEntryKind kind, ReadOnlySpan<byte> payload)
        => kind == LayerEntryKind.Join ? ReadJoin(payload) is not null : ReadLeave(payload) is not null;

    public static List<JoinItem>? ReadJoin(ReadOnlySpan<byte> payload)
    {
        var reader = new LayerReader(payload);
        var count = reader.Count(5);
        List<JoinItem> items = [];
        for (var i = 0; i < count && reader.IsGood; i++)
        {
            var item = new JoinItem(reader.Text(LayerLimits.MaxNameBytes), (GroupStateKind)reader.Byte(), reader.Varint(), reader.Varint());
            if (item.State > GroupStateKind.Persistent)
                reader.Fail();
            items.Add(item);
        }

        return reader.IsWhole && count is > 0 and <= LayerLimits.MaxGroupsAtOnce ? items : null;
    }

    public static void WriteLeave(LayerWriter writer, ReadOnlySpan<uint> groups)
    {
        writer.Varint((ulong)groups.Length);
        foreach (var group in groups)
            writer.U32(group);
    }

    public static uint[]? ReadLeave(ReadOnlySpan<byte> payload)
    {
        var reader = new LayerReader(payload);
        var count = reader.Count(4);
        if (count is 0 or > LayerLimits.MaxGroupsAtOnce)
            return null;
        var groups = new uint[count];
        for (var i = 0; i < count; i++)
            groups[i] = reader.U32();
        return reader.IsWhole ? groups : null;
    }
}
