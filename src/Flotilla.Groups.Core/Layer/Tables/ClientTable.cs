namespace Flotilla.Groups.Core.Layer;

/// <summary>The last message of each external client, the same at all nodes: so that one that goes on at another node doubles nothing.</summary>
internal sealed class ClientTable
{
    private readonly SortedDictionary<ClientId, Last> _clients = [];

    private readonly record struct Last(ulong Number, ulong Sequence);

    /// <summary>Whether the message is the client's next. If not: it was taken before (position, 0 if it was not the last) or one before it is missing.</summary>
    public ClientTurn Take(ClientId client, ulong number, ulong sequence, out ulong takenAt)
    {
        takenAt = 0;
        if (_clients.TryGetValue(client, out var last))
        {
            if (number <= last.Number)
            {
                takenAt = number == last.Number ? last.Sequence : 0;
                return ClientTurn.Taken;
            }

            if (number != last.Number + 1)
                return ClientTurn.Gap;
        }
        else if (_clients.Count >= LayerLimits.MaxClients)
        {
            _clients.Remove(_clients.MinBy(each => each.Value.Sequence).Key);
        }

        _clients[client] = new Last(number, sequence);
        return ClientTurn.Next;
    }

    public void Write(LayerWriter writer)
    {
        writer.Varint((ulong)_clients.Count);
        foreach (var (client, last) in _clients)
            writer.U64(client.High).U64(client.Low).Varint(last.Number).Varint(last.Sequence);
    }

    public static ClientTable Read(ref LayerReader reader)
    {
        var table = new ClientTable();
        for (var count = reader.Count(18); count > 0 && reader.IsGood; count--)
            table._clients[new ClientId(reader.U64(), reader.U64())] = new Last(reader.Varint(), reader.Varint());
        return table;
    }
}
