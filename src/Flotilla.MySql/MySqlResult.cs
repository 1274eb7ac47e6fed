using System.Runtime.CompilerServices;
using Flotilla.MySql.Protocol;
using Flotilla.MySql.Transport;

namespace Flotilla.MySql;

/// <summary>
/// What a query returned, read while it arrives: rows by <see cref="ReadAsync"/>, further results by <see cref="NextResultAsync"/>. Until it
/// is read to its end or disposed, its connection can do nothing else; disposing reads what is left. Values are read from the current row
/// where it lies: spans are valid until the next read. Not thread-safe.
/// </summary>
public sealed class MySqlResult : IAsyncDisposable
{
    private readonly MySqlConnection _connection;
    private readonly PacketChannel _channel;
    private readonly bool _isBinary;
    private ColumnDefinition[] _columns = [];
    private int[] _offsets = [];
    private int[] _lengths = [];
    private byte[] _row = [];
    private int _rowStart;
    private State _state = State.AwaitsHeader;
    private bool _hasRow;

    /// <summary>The packet read last was not a row, and nobody has looked at it yet.</summary>
    private bool _hasUntakenPacket;

    internal MySqlResult(MySqlConnection connection, bool isBinary)
    {
        _connection = connection;
        _channel = connection.Channel;
        _isBinary = isBinary;
    }

    private enum State
    {
        AwaitsHeader,
        Rows,
        BetweenResults,
        Done,
    }

    /// <summary>Columns of the current result; empty for a statement without rows.</summary>
    public IReadOnlyList<ColumnDefinition> Columns => _columns;

    public int ColumnCount => _columns.Length;

    /// <summary>Rows changed by the current statement; known at its end.</summary>
    public ulong AffectedRows { get; private set; }

    /// <summary>The first generated AUTO_INCREMENT value; 0 for none.</summary>
    public ulong LastInsertId { get; private set; }

    public int Warnings { get; private set; }

    /// <summary>The server's words about the statement; mostly empty.</summary>
    public string Info { get; private set; } = "";

    /// <summary>The current result is the OUT parameters of a procedure; known at its end.</summary>
    public bool IsOutParameters { get; private set; }

    internal MySqlOk Ok => new(AffectedRows, LastInsertId, Warnings, Info);

    /// <summary>The next row; false when there is none.</summary>
    /// <exception cref="MySqlServerException">The statement failed on its way.</exception>
    /// <exception cref="MySqlConnectionLostException">The connection ended.</exception>
    /// <exception cref="MySqlTimeoutException">The server was silent for too long.</exception>
    public ValueTask<bool> ReadAsync(CancellationToken cancellationToken = default)
    {
        if (_state == State.Rows && !cancellationToken.IsCancellationRequested && !_connection.IsInterrupted)
        {
            try
            {
                if (_channel.TryRead() && TakeRow())
                    return new ValueTask<bool>(true);
            }
            catch (MySqlProtocolException e)
            {
                return FailAsync(e);
            }

            if (_hasUntakenPacket)
            {
                _hasUntakenPacket = false;
                return EndRowsAsync();
            }
        }

        return ReadSlowAsync(cancellationToken);
    }

    /// <summary>What is left of the current result as text in memory, for small ones.</summary>
    public async ValueTask<MySqlTable> ReadTableAsync(CancellationToken cancellationToken = default)
    {
        var columns = _columns;
        var rows = new List<string?[]>();
        while (await ReadAsync(cancellationToken))
        {
            var row = new string?[columns.Length];
            for (var i = 0; i < row.Length; i++)
                row[i] = GetText(i);
            rows.Add(row);
        }

        return new MySqlTable([.. columns.Select(column => column.Name)], rows);
    }

    /// <summary>Goes to the next result of a multi-statement or procedure, past rows not yet read; false when there is none.</summary>
    public async ValueTask<bool> NextResultAsync(CancellationToken cancellationToken = default)
    {
        while (await ReadAsync(cancellationToken))
        {
        }

        if (_state != State.BetweenResults)
            return false;
        await ReadHeaderAsync();
        return true;
    }

    /// <summary>Reads what is left of it, so that the connection is free again. Errors of what is left are not reported.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            await ReadToEndAsync();
        }
        catch (Exception e) when (e is MySqlException or OperationCanceledException)
        {
            // The connection knows whether it survived; whoever disposes has seen all he wanted.
        }
    }

    internal async ValueTask ReadToEndAsync()
    {
        while (_state != State.Done && await NextResultAsync())
        {
        }
    }

    public bool IsNull(int column) => Length(column) < 0;

    public bool GetBoolean(int column) => Value(column) is var field && (_columns[column].Type == ColumnType.Bit ? field.ToUInt64() != 0 : field.ToInt64() != 0);

    public int GetInt32(int column)
    {
        var value = Value(column).ToInt64();
        return value is >= int.MinValue and <= int.MaxValue ? (int)value : throw new InvalidCastException($"column {_columns[column].Name} holds {value}, which is no whole number of 32 bits");
    }

    public long GetInt64(int column) => Value(column).ToInt64();

    public ulong GetUInt64(int column) => Value(column).ToUInt64();

    public float GetSingle(int column) => Value(column).ToSingle();

    public double GetDouble(int column) => Value(column).ToDouble();

    /// <summary>Throws <see cref="InvalidCastException"/> beyond 28 digits; MySQL has 65, see <see cref="GetString"/>.</summary>
    public decimal GetDecimal(int column) => Value(column).ToDecimal();

    /// <summary>Throws <see cref="InvalidCastException"/> for dates with zero parts.</summary>
    public DateTime GetDateTime(int column) => Value(column).ToDateTime().ToDateTime();

    public MySqlDateTime GetMySqlDateTime(int column) => Value(column).ToDateTime();

    public TimeSpan GetTimeSpan(int column) => Value(column).ToTime();

    /// <summary>Any type as text, as the server prints it (FLOAT in binary rows may show more digits).</summary>
    public string GetString(int column) => Value(column).ToText();

    /// <summary>As <see cref="GetString"/>; null for NULL.</summary>
    public string? GetText(int column) => IsNull(column) ? null : GetString(column);

    /// <summary>The bytes as they came, valid until the next read: text, or the binary protocol's form of a number or date.</summary>
    public ReadOnlySpan<byte> GetBytes(int column)
    {
        var length = Length(column);
        return length >= 0 ? _row.AsSpan(_rowStart + _offsets[column], length) : throw IsNullError(column);
    }

    /// <summary>The number of the column with that name, upper and lower case alike; throws <see cref="ArgumentException"/> when there is none.</summary>
    public int IndexOf(string name)
    {
        for (var i = 0; i < _columns.Length; i++)
        {
            if (string.Equals(_columns[i].Name, name, StringComparison.OrdinalIgnoreCase))
                return i;
        }

        throw new ArgumentException($"there is no column {name}; there are {string.Join(", ", _columns.Select(column => column.Name))}", nameof(name));
    }

    /// <summary>Reads the beginning of the next result: what it did, or its columns.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    internal async ValueTask ReadHeaderAsync()
    {
        IsOutParameters = false;
        try
        {
            while (true)
            {
                await _channel.ReadAsync();
                switch (FirstByte())
                {
                    case 0:
                        _columns = [];
                        await TakeOkAsync();
                        return;
                    case 0xff:
                        await ThrowServerErrorAsync();
                        return;
                    case 0xfb:
                        await SendFileAsync();
                        continue;
                    default:
                        await ReadColumnsAsync();
                        return;
                }
            }
        }
        catch (Exception e) when (_state != State.Done)
        {
            throw await EndWithAsync(e);
        }
    }

    private byte FirstByte() => _channel.Payload is [var first, ..] ? first : throw new MySqlProtocolException("the server sent an empty packet where a result should begin");

    private async ValueTask ReadColumnsAsync()
    {
        var columns = new ColumnDefinition[ParseColumnCount(_channel.Payload)];
        for (var i = 0; i < columns.Length; i++)
        {
            if (!_channel.TryRead())
                await _channel.ReadAsync();
            columns[i] = ColumnDefinition.Parse(_channel.Payload, _connection.Capabilities);
        }

        if (!_connection.Has(CapabilityFlags.DeprecateEof))
        {
            if (!_channel.TryRead())
                await _channel.ReadAsync();
            IsOutParameters = EofPacket.Parse(_channel.Payload).Status.HasFlag(ServerStatus.OutParameters);
        }

        _columns = columns;
        AffectedRows = 0;
        LastInsertId = 0;
        Info = "";
        if (_offsets.Length != columns.Length)
        {
            _offsets = new int[columns.Length];
            _lengths = new int[columns.Length];
        }

        _state = State.Rows;
    }

    internal static int ParseColumnCount(ReadOnlySpan<byte> payload)
    {
        var reader = new PacketReader(payload, "column count");
        var count = reader.ReadLengthEncoded();
        if (count is 0 or > 65535 || reader.Remaining > 0)
            reader.Fail($"a column count of {count}");
        return (int)count;
    }

    /// <summary>True when the packet read last is a row; it is then the current row.</summary>
    private bool TakeRow()
    {
        var payload = _channel.Payload;
        if (payload.IsEmpty)
            throw new MySqlProtocolException("the server sent an empty packet where a row should be");
        if (payload[0] == 0xff || (payload[0] == 0xfe && payload.Length < PacketChannel.LargestPayloadBytes && (_connection.Has(CapabilityFlags.DeprecateEof) || payload.Length < 9)))
        {
            _hasUntakenPacket = true;
            return false;
        }

        if (_isBinary)
            BinaryRow.Parse(payload, _columns, _offsets, _lengths);
        else
            TextRow.Parse(payload, _offsets, _lengths);
        _row = _channel.PayloadArray;
        _rowStart = _channel.PayloadStart;
        _hasRow = true;
        return true;
    }

    private async ValueTask<bool> ReadSlowAsync(CancellationToken cancellationToken)
    {
        _hasRow = false;
        if (_state != State.Rows)
            return false;
        try
        {
            using var registration = _connection.InterruptOn(cancellationToken);
            do
            {
                await _channel.ReadAsync();
                if (TakeRow() && !_connection.IsInterrupted)
                    return true;
            }
            while (!_hasUntakenPacket);

            // Interrupted: rows that are still on their way are passed over, and the end tells.
            _hasUntakenPacket = false;
            return await EndRowsAsync();
        }
        catch (Exception e) when (_state != State.Done)
        {
            throw await EndWithAsync(e);
        }
    }

    /// <summary>The packet after the last row: OK, EOF or an error.</summary>
    private async ValueTask<bool> EndRowsAsync()
    {
        _hasRow = false;
        try
        {
            if (ErrorPacket.Is(_channel.Payload))
                await ThrowServerErrorAsync();
            else if (_connection.Has(CapabilityFlags.DeprecateEof))
                await TakeOkAsync();
            else
                await TakeEofAsync();
            return false;
        }
        catch (Exception e) when (_state != State.Done)
        {
            throw await EndWithAsync(e);
        }
    }

    private ValueTask TakeOkAsync()
    {
        var ok = OkPacket.Parse(_channel.Payload, _connection.Capabilities);
        AffectedRows = ok.AffectedRows;
        LastInsertId = ok.LastInsertId;
        Info = ok.InfoBytes.IsEmpty ? "" : ok.Info;
        if (!ok.Changes.IsEmpty)
            _connection.Session.Apply(ok.Changes);
        return TakeStatusAsync(ok.Status, ok.Warnings);
    }

    private ValueTask TakeEofAsync()
    {
        var eof = EofPacket.Parse(_channel.Payload);
        return TakeStatusAsync(eof.Status, eof.Warnings);
    }

    private ValueTask TakeStatusAsync(ServerStatus status, int warnings)
    {
        Warnings = warnings;
        IsOutParameters |= status.HasFlag(ServerStatus.OutParameters);
        _connection.Status = status;
        if (status.HasFlag(ServerStatus.MoreResultsExist))
        {
            _state = State.BetweenResults;
            return default;
        }

        _state = State.Done;
        return _connection.EndCommandAsync(null);
    }

    private ValueTask ThrowServerErrorAsync()
    {
        var error = ErrorPacket.Parse(_channel.Payload);
        _state = State.Done;
        return _connection.EndCommandAsync(new MySqlServerException(error.Number, error.SqlState, error.Message));
    }

    private async ValueTask SendFileAsync()
    {
        var refusal = await LocalInfile.SendAsync(_connection, _channel, LocalInfileRequest.Parse(_channel.Payload).Name);
        if (refusal is null)
            return;
        await _channel.ReadAsync();
        _state = State.Done;
        await _connection.EndCommandAsync(refusal);
    }

    private async ValueTask<bool> FailAsync(Exception e) => throw await EndWithAsync(e);

    /// <summary>Ends the command with what went wrong; returns what the caller shall throw.</summary>
    private ValueTask<Exception> EndWithAsync(Exception e)
    {
        _state = State.Done;
        return _connection.FailCommandAsync(e);
    }

    private int Length(int column) => _hasRow ? _lengths[column] : throw new InvalidOperationException("there is no current row: call ReadAsync first, and go by what it returns");

    private Field Value(int column) => new(GetBytes(column), _columns[column], _isBinary);

    private InvalidCastException IsNullError(int column) => new($"column {_columns[column].Name} is NULL; ask IsNull first, or use GetText");
}
