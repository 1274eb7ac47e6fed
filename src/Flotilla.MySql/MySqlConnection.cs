using System.Runtime.CompilerServices;
using Flotilla.MySql.Protocol;
using Flotilla.MySql.Transport;

namespace Flotilla.MySql;

/// <summary>
/// A session with a server. One command at a time, from one caller at a time: a result must be read or disposed before the next command.
/// A command that is cancelled or times out is killed on the server (<c>KILL QUERY</c> over a second connection, on MariaDB <c>KILL SOFT QUERY</c>); the session then goes on.
/// </summary>
public sealed partial class MySqlConnection : IAsyncDisposable
{
    private readonly CommandWatch _watch;
    private readonly Handshaker _handshaker;
    private int _ended;

    private MySqlConnection(MySqlOptions options, PacketChannel channel, CommandWatch watch, Handshaker handshaker)
    {
        Options = options;
        Channel = channel;
        _watch = watch;
        _handshaker = handshaker;
    }

    /// <summary>As given at the beginning; user, password and schema as they are now.</summary>
    public MySqlOptions Options { get; private set; }

    /// <summary>As <c>10.11.19-MariaDB-0+deb12u1</c> or <c>8.4.0</c>.</summary>
    public string ServerVersion => _handshaker.Server.Version;

    public bool IsMariaDb => _handshaker.Server.IsMariaDb;

    /// <summary>The number that KILL and SHOW PROCESSLIST know this session by.</summary>
    public uint ConnectionId => _handshaker.Server.ConnectionId;

    /// <summary>What both sides speak.</summary>
    public CapabilityFlags Capabilities { get; private set; }

    /// <summary>State of the session after the last command.</summary>
    public ServerStatus Status { get; internal set; }

    /// <summary>What the server told of the session.</summary>
    public MySqlSession Session { get; private set; } = new();

    /// <summary>As <see cref="MySqlOptions.CommandTimeout"/>, for the commands from now on.</summary>
    public TimeSpan CommandTimeout
    {
        get => Options.CommandTimeout;
        set
        {
            var changed = Options with { CommandTimeout = value };
            changed.Validate();
            Options = changed;
            _watch.Limit = value;
        }
    }

    /// <summary>False once it was closed or lost.</summary>
    public bool IsOpen => Volatile.Read(ref _ended) == 0;

    public bool IsInTransaction => Status.HasFlag(ServerStatus.InTransaction);

    internal PacketChannel Channel { get; }

    /// <summary>Opens a session.</summary>
    /// <exception cref="MySqlOptionsException">The options cannot be used; names all reasons.</exception>
    /// <exception cref="MySqlConnectException">The server is out of reach, TLS failed, or it wants what we do not give.</exception>
    /// <exception cref="MySqlServerException">The server refused us: wrong password, unknown schema, too many connections.</exception>
    /// <exception cref="MySqlTimeoutException">It took longer than <see cref="MySqlOptions.ConnectTimeout"/>.</exception>
    public static async ValueTask<MySqlConnection> OpenAsync(MySqlOptions options, CancellationToken cancellationToken = default)
    {
        options.Validate();
        using var limit = new CancellationTokenSource(options.ConnectTimeout, options.Time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        MySqlConnection? connection = null;
        try
        {
            var socket = await Dialer.DialAsync(options, both.Token);
            await using var registration = both.Token.UnsafeRegister(static socket => ((IDisposable)socket!).Dispose(), socket);
            var watch = new CommandWatch(options.Time, () => connection?.Interrupt(isTimeout: true));
            var plain = new StreamTransport(socket, tls: null);
            var channel = new PacketChannel(plain, options.MaxPacketBytes, watch);
            var handshaker = new Handshaker(options, channel);
            try
            {
                await handshaker.RunAsync(async () => new StreamTransport(socket, await Dialer.EncryptAsync(socket, options, both.Token)));
            }
            catch
            {
                watch.Dispose();
                socket.Dispose();
                throw;
            }

            connection = new MySqlConnection(options, channel, watch, handshaker) { Capabilities = handshaker.Capabilities };
            if (connection.Has(CapabilityFlags.Compress))
                channel.Upgrade(new CompressedTransport(channel.Transport), isCompressed: true);
            watch.Limit = options.CommandTimeout;
            return connection;
        }
        catch (Exception e) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException($"connecting to {options.Server} was cancelled", e, cancellationToken);
        }
        catch (Exception e) when (limit.IsCancellationRequested)
        {
            throw new MySqlTimeoutException($"no session with {options.Server} within {options.ConnectTimeout.TotalSeconds:0.###} s (ConnectTimeout)", e);
        }
        catch (MySqlConnectionLostException e)
        {
            throw new MySqlConnectException($"{options.Server} hung up while the session was set up: {e.Message}", e);
        }
    }

    /// <summary>Runs one statement, or several with <see cref="MySqlOptions.MultiStatements"/>. Dispose the result.</summary>
    /// <param name="sql">The statement.</param>
    /// <param name="cancellationToken">Kills the statement, also while its rows are read.</param>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<MySqlResult> QueryAsync(string sql, CancellationToken cancellationToken = default)
    {
        WriteCommand(ServerCommand.Query, sql, cancellationToken);
        var result = new MySqlResult(this, isBinary: false);
        await SendCommandAsync();
        await result.ReadHeaderAsync();
        return result;
    }

    /// <summary>Runs statements to their end and passes over rows; returns what the last one did.</summary>
    public async ValueTask<MySqlOk> ExecuteAsync(string sql, CancellationToken cancellationToken = default)
    {
        var result = await QueryAsync(sql, cancellationToken);
        await result.ReadToEndAsync();
        return result.Ok;
    }

    /// <summary>All rows of a small result as text. Of several results, the first with columns.</summary>
    public async ValueTask<MySqlTable> QueryTableAsync(string sql, CancellationToken cancellationToken = default)
    {
        await using var result = await QueryAsync(sql, cancellationToken);
        while (result.ColumnCount == 0 && await result.NextResultAsync(cancellationToken))
        {
        }

        var table = await result.ReadTableAsync(cancellationToken);
        await result.ReadToEndAsync();
        return table;
    }

    /// <summary>The first column of the first row as text; null for NULL and for no row.</summary>
    public async ValueTask<string?> QueryScalarAsync(string sql, CancellationToken cancellationToken = default)
    {
        await using var result = await QueryAsync(sql, cancellationToken);
        var value = await result.ReadAsync(cancellationToken) ? result.GetText(0) : null;
        await result.ReadToEndAsync();
        return value;
    }

    /// <summary>Says goodbye and closes.</summary>
    public async ValueTask DisposeAsync()
    {
        if (IsOpen && !IsBusy)
        {
            try
            {
                Channel.BeginCommand().WriteByte((byte)ServerCommand.Quit);
                await Channel.SendAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(1));
            }
            catch (Exception e) when (e is MySqlException or TimeoutException)
            {
                // It is gone already.
            }
        }

        Abort();
    }

    private void WriteCommand(ServerCommand command, string text, CancellationToken cancellationToken)
    {
        var packet = BeginCommand(command, cancellationToken);
        try
        {
            packet.WriteText(text);
        }
        catch
        {
            AbandonCommand();
            throw;
        }
    }

    internal bool Has(CapabilityFlags flag) => (Capabilities & flag) != CapabilityFlags.None;

    /// <summary>Closes without a word; what is under way fails.</summary>
    internal void Abort()
    {
        if (Interlocked.Exchange(ref _ended, 1) == 0)
            _watch.Dispose();
        Channel.Transport.Abort();
    }
}
