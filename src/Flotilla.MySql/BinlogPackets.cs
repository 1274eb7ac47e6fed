using Flotilla.MySql.Protocol;

namespace Flotilla.MySql;

/// <summary>
/// A binlog as the server sends it, packet by packet. Its connection serves nothing else from now on; disposing it, cancelling or silence for
/// longer than the limit close the connection.
/// </summary>
public sealed class BinlogPackets : IAsyncDisposable
{
    private readonly MySqlConnection _connection;
    private bool _ended;

    internal BinlogPackets(MySqlConnection connection) => _connection = connection;

    /// <summary>
    /// The next packet without its first byte (0): an event, with 0xef and a flag before it under semi-sync. Valid until the next call. Empty
    /// at the end of a stream that does not wait for more.
    /// </summary>
    /// <exception cref="MySqlServerException">The server cannot send what was asked for, or ends the stream.</exception>
    public async ValueTask<ReadOnlyMemory<byte>> ReadAsync(CancellationToken cancellationToken = default)
    {
        if (_ended)
            return default;
        try
        {
            cancellationToken.ThrowIfCancellationRequested();
            using var registration = _connection.InterruptOn(cancellationToken);
            await _connection.Channel.ReadAsync();
        }
        catch (Exception e)
        {
            _ended = true;
            throw await _connection.FailCommandAsync(e);
        }

        var payload = _connection.Channel.PayloadMemory;
        if (payload.Span is [0, ..])
            return payload[1..];
        _ended = true;
        if (EofPacket.Is(payload.Span))
        {
            await _connection.EndCommandAsync(null);
            return default;
        }

        if (!ErrorPacket.Is(payload.Span))
            throw await _connection.FailCommandAsync(new MySqlProtocolException($"the server sent a packet of {payload.Length} bytes that is no binlog event"));
        var error = ErrorPacket.Parse(payload.Span);
        await _connection.EndCommandAsync(new MySqlServerException(error.Number, error.SqlState, error.Message));
        return default;
    }

    /// <summary>Semi-sync: everything up to this position is safe here. <code>1 0xef | 8 position | rest: file</code></summary>
    public async ValueTask AcknowledgeAsync(string file, ulong position)
    {
        try
        {
            var sequence = _connection.Channel.BeginReply();
            sequence.WriteByte(0xef);
            sequence.WriteUInt64(position);
            sequence.WriteText(file);
            await _connection.Channel.SendReplyAsync();
        }
        catch (MySqlException e)
        {
            _ended = true;
            throw await _connection.FailCommandAsync(e);
        }
    }

    public ValueTask DisposeAsync()
    {
        if (!_ended)
            _connection.Abort();
        _ended = true;
        return default;
    }
}
