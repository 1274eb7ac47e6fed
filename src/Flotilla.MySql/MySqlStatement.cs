using System.Buffers;
using System.Buffers.Binary;
using Flotilla.MySql.Protocol;

namespace Flotilla.MySql;

/// <summary>A prepared statement: parsed once by the server, values sent and rows returned in binary. Belongs to its connection.</summary>
public sealed class MySqlStatement : IAsyncDisposable
{
    private readonly MySqlConnection _connection;
    private readonly uint _id;
    private readonly HashSet<int> _sent = [];
    private bool _isClosed;

    private MySqlStatement(MySqlConnection connection, uint id, ColumnDefinition[] parameters, ColumnDefinition[] columns)
    {
        _connection = connection;
        _id = id;
        Parameters = parameters;
        Columns = columns;
    }

    /// <summary>One per question mark; servers know little about their types.</summary>
    public IReadOnlyList<ColumnDefinition> Parameters { get; }

    /// <summary>Columns of the result as known before it is executed.</summary>
    public IReadOnlyList<ColumnDefinition> Columns { get; }

    /// <summary>Runs the statement. Dispose the result.</summary>
    /// <param name="values">One per parameter; read before this returns its task.</param>
    /// <param name="cancellationToken">Kills the statement, also while its rows are read.</param>
    public ValueTask<MySqlResult> QueryAsync(ReadOnlySpan<MySqlValue> values, CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_isClosed, this);
        if (values.Length != Parameters.Count)
            throw new ArgumentException($"the statement has {Parameters.Count} parameters, but {values.Length} values were given", nameof(values));
        var packet = _connection.BeginCommand(ServerCommand.StatementExecute, cancellationToken);
        try
        {
            StatementExecute.Write(packet, _id, values, _sent);
        }
        catch
        {
            _connection.AbandonCommand();
            throw;
        }

        _sent.Clear();
        return RunAsync();
    }

    /// <summary>Runs the statement to its end and passes over rows.</summary>
    public ValueTask<MySqlOk> ExecuteAsync(ReadOnlySpan<MySqlValue> values, CancellationToken cancellationToken = default)
        => FinishAsync(QueryAsync(values, cancellationToken));

    /// <summary>
    /// Sends a piece of a parameter ahead of the next execution, for values too large to hold. The value given for it then does not count. The
    /// server reports what is wrong with it when the statement is executed.
    /// </summary>
    public async ValueTask SendLongDataAsync(int parameter, ReadOnlyMemory<byte> piece, CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_isClosed, this);
        if ((uint)parameter >= (uint)Parameters.Count)
            throw new ArgumentOutOfRangeException(nameof(parameter), $"there is no parameter {parameter}; there are {Parameters.Count}");
        var packet = _connection.BeginCommand(ServerCommand.StatementSendLongData, cancellationToken);
        packet.WriteUInt32(_id);
        packet.WriteUInt16((ushort)parameter);
        packet.Write(piece.Span);
        _sent.Add(parameter);
        await _connection.SendCommandAsync();
        await _connection.EndCommandAsync(null);
    }

    /// <summary>Forgets on the server; never throws. While the connection is busy the server is told before its next command.</summary>
    public ValueTask DisposeAsync()
    {
        if (_isClosed)
            return default;
        _isClosed = true;
        return _connection.CloseStatementAsync(_id);
    }

    internal static async ValueTask<MySqlStatement> PrepareAsync(MySqlConnection connection)
    {
        await connection.SendCommandAsync();
        Exception? refusal = null;
        MySqlStatement? statement = null;
        try
        {
            await connection.Channel.ReadAsync();
            if (ErrorPacket.Is(connection.Channel.Payload))
            {
                var error = ErrorPacket.Parse(connection.Channel.Payload);
                refusal = new MySqlServerException(error.Number, error.SqlState, error.Message);
            }
            else
            {
                var ok = PrepareOk.Parse(connection.Channel.Payload);
                var parameters = await ReadDefinitionsAsync(connection, ok.Parameters);
                var columns = await ReadDefinitionsAsync(connection, ok.Columns);
                statement = new MySqlStatement(connection, ok.StatementId, parameters, columns);
            }
        }
        catch (Exception e)
        {
            throw await connection.FailCommandAsync(e);
        }

        await connection.EndCommandAsync(refusal);
        return statement!;
    }

    /// <summary>COM_STMT_CLOSE as a packet of its own.</summary>
    internal static byte[] ClosePacket(uint id)
    {
        byte[] packet = [5, 0, 0, 0, (byte)ServerCommand.StatementClose, 0, 0, 0, 0];
        BinaryPrimitives.WriteUInt32LittleEndian(packet.AsSpan(5), id);
        return packet;
    }

    private static async ValueTask<ColumnDefinition[]> ReadDefinitionsAsync(MySqlConnection connection, int count)
    {
        if (count == 0)
            return [];
        var definitions = new ColumnDefinition[count];
        for (var i = 0; i < count; i++)
        {
            await connection.Channel.ReadAsync();
            definitions[i] = ColumnDefinition.Parse(connection.Channel.Payload, connection.Capabilities);
        }

        if (!connection.Has(CapabilityFlags.DeprecateEof))
        {
            await connection.Channel.ReadAsync();
            EofPacket.Parse(connection.Channel.Payload);
        }

        return definitions;
    }

    private async ValueTask<MySqlResult> RunAsync()
    {
        var result = new MySqlResult(_connection, isBinary: true);
        await _connection.SendCommandAsync();
        await result.ReadHeaderAsync();
        return result;
    }

    private static async ValueTask<MySqlOk> FinishAsync(ValueTask<MySqlResult> running)
    {
        var result = await running;
        await result.ReadToEndAsync();
        return result.Ok;
    }
}
