using System.Collections.Immutable;

namespace Flotilla.Groups.Core.Layer;

/// <summary>
/// External clients: this node acts for them. Their messages carry the client's id and number, so that one which goes on at another node and
/// sends again what was not confirmed doubles nothing.
/// </summary>
internal sealed class Clients(GroupLayer layer)
{
    private readonly SortedDictionary<uint, ClientConnection> _connections = [];

    public void Up(uint client) => _connections[client] = new ClientConnection(client);

    public void Down(uint client) => _connections.Remove(client);

    public bool IsWatched(string group)
    {
        foreach (var connection in _connections.Values)
        {
            if (connection.Watched.Contains(group))
                return true;
        }

        return false;
    }

    public void Frame(uint client, ReadOnlySpan<byte> bytes)
    {
        if (!_connections.TryGetValue(client, out var connection) || connection.IsRefused)
            return;
        if (!ClientFrame.TryRead(bytes, out var frame) || (byte)frame.Type >= (byte)ClientFrameType.Welcome)
            Refuse(connection, $"this is no frame of a client, or of another version than {ClientFrame.Version}");
        else if (connection.Id.IsNone != (frame.Type == ClientFrameType.Hello))
            Refuse(connection, "a client says hello first, and once");
        else
            Take(connection, frame);
    }

    private void Refuse(ClientConnection connection, string reason)
    {
        connection.IsRefused = true;
        Write(connection.Number, new ClientFrame { Type = ClientFrameType.Refused, Payload = Commands.Reason(reason) });
        layer.Context.Effects.DisconnectClient(connection.Number, reason);
    }

    private void Take(ClientConnection connection, in ClientFrame frame)
    {
        switch (frame.Type)
        {
            case ClientFrameType.Hello:
                connection.Id = frame.Client;
                if (layer.IsReady)
                    Write(connection.Number, new ClientFrame { Type = ClientFrameType.Welcome, Group = layer.Context.Options.Name, Addresses = Addresses() });
                else
                    Redirect(connection);
                break;
            case ClientFrameType.Send: Send(connection, frame); break;
            case ClientFrameType.Query: Query(connection, frame); break;
            case ClientFrameType.Subscribe:
                connection.Watched.Add(frame.Group);
                if (layer.IsReady)
                    WriteView(connection.Number, frame.Group);
                break;
            default:
                connection.Watched.Remove(frame.Group);
                break;
        }
    }

    private void Send(ClientConnection connection, in ClientFrame frame)
    {
        var pending = new PendingSubmit(LayerEntryKind.ClientMessage, 0) { Client = connection.Number, ClientNumber = frame.Number };
        if (WhyNot(frame, out var group) is { } reason)
        {
            Sent(pending, CommandResult.Refused, 0, reason);
            return;
        }

        var entry = new LayerEntry { Kind = LayerEntryKind.ClientMessage, Client = connection.Id, Id = frame.Number, Group = group!.Number, Payload = frame.Payload };
        if (!layer.Submits.TrySubmit(frame.Delivery, entry, pending))
            Sent(pending, CommandResult.Refused, 0, "too much waits to be sent already: send again when earlier messages are through");
    }

    private void Query(ClientConnection connection, in ClientFrame frame)
    {
        var timeoutNs = (long)Math.Min(frame.TimeoutMs, 1_000_000_000) * 1_000_000;
        var reason = WhyNot(frame, out var group)
            ?? layer.Queries.Submit(group!, frame.Delivery, frame.Replies, timeoutNs, frame.Payload, 0, connection.Number, frame.Number);
        if (reason is not null)
            Write(connection.Number, new ClientFrame { Type = ClientFrameType.QueryEnd, Number = frame.Number, Result = CommandResult.Refused, Payload = Commands.Reason(reason) });
    }

    private string? WhyNot(in ClientFrame frame, out SharedGroup? group)
    {
        group = null;
        if (!layer.IsReady)
            return "this node is no member of the cluster now: go to another";
        if (frame.Payload.Length > layer.Context.Options.MaxMessageBytes)
            return $"the message has {frame.Payload.Length} bytes, the limit is {layer.Context.Options.MaxMessageBytes}";
        group = layer.Tables.Find(frame.Group);
        return group is { Seats.Count: > 0 } ? null : $"no group '{frame.Group}' has members";
    }

    /// <summary>A client's message ended.</summary>
    public void Sent(in PendingSubmit pending, CommandResult result, ulong sequence, string? reason) => Write(pending.Client, new ClientFrame
    {
        Type = ClientFrameType.Sent,
        Number = pending.ClientNumber,
        Result = result,
        Sequence = sequence,
        Payload = Commands.Reason(reason ?? ""),
    });

    public void Answered(PendingQuery query, MemberId from, CommandResult result, ReadOnlySpan<byte> body) => Write(query.Client, new ClientFrame
    {
        Type = ClientFrameType.Answer,
        Number = query.ClientNumber,
        From = from,
        Result = result,
        Payload = body,
    });

    public void QueryEnded(PendingQuery query, CommandResult result, string? reason) => Write(query.Client, new ClientFrame
    {
        Type = ClientFrameType.QueryEnd,
        Number = query.ClientNumber,
        Result = result,
        Payload = Commands.Reason(reason ?? ""),
    });

    public void ViewChanged(GroupView view)
    {
        foreach (var connection in _connections.Values)
        {
            if (connection.Watched.Contains(view.Group))
                WriteView(connection.Number, view);
        }
    }

    /// <summary>After the tables came anew, or the cluster changed: whoever watches sees how it stands.</summary>
    public void OnView()
    {
        if (!layer.IsReady)
            return;
        foreach (var connection in _connections.Values.Where(connection => !connection.Id.IsNone && !connection.IsRefused))
            Write(connection.Number, new ClientFrame { Type = ClientFrameType.Welcome, Group = layer.Context.Options.Name, Addresses = Addresses() });
    }

    public void OnEvicted()
    {
        foreach (var connection in _connections.Values)
            Redirect(connection);
    }

    private void Redirect(ClientConnection connection)
        => Write(connection.Number, new ClientFrame { Type = ClientFrameType.Redirect, Addresses = Addresses() });

    private ImmutableArray<string> Addresses() => layer.Log.View is { } view
        ? [.. view.Members.Where(member => member.Id.Node != layer.Log.Self.Node).Select(member => member.Address)]
        : [];

    private void WriteView(uint client, string group)
    {
        if (layer.Tables.Find(group) is { } shared)
            WriteView(client, layer.Tables.ViewOf(shared, [], []));
        else
            Write(client, new ClientFrame { Type = ClientFrameType.View, Group = group, Epoch = layer.Tables.Epoch, Sequence = layer.Tables.Sequence, Members = [] });
    }

    private void WriteView(uint client, GroupView view) => Write(client, new ClientFrame
    {
        Type = ClientFrameType.View,
        Group = view.Group,
        Epoch = view.Epoch,
        Number = view.Number,
        Sequence = view.Sequence,
        Members = view.Members,
    });

    private void Write(uint client, in ClientFrame frame)
    {
        if (layer.Context.Effects.ClientOutput(client) is { } output)
            frame.Write(output);
    }
}
