using System.Text;
using System.Threading.Channels;

namespace Flotilla.Guard;

/// <summary>
/// A node's connection to the guard of one server. It speaks for the node from the beginning: an older process of the node that is still connected is told so and can do
/// nothing any more. May be used from several threads; requests but <see cref="Lease"/> go one after the other.
/// </summary>
public sealed class GuardClient : IAsyncDisposable
{
    /// <summary>A person could not make so many; a node that does not read them has lost its connection.</summary>
    private const int EventsMax = 256;

    private const int ConnectAttemptsMax = 100;

    /// <summary>A guard answers within a millisecond, or it is stopped.</summary>
    private static readonly TimeSpan AnswerPatience = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan ConnectPeriod = TimeSpan.FromMilliseconds(20);

    private readonly GuardSocket _socket;
    private readonly CancellationTokenSource _closing = new();
    private readonly SemaphoreSlim _requesting = new(1, 1);
    private readonly Channel<GuardEvent> _events = Channel.CreateBounded<GuardEvent>(new BoundedChannelOptions(EventsMax) { SingleWriter = true });
    private readonly Lock _lock = new();
    private readonly Task _reading;
    private GuardState _state;
    private uint _lastNumber;
    private TaskCompletionSource<Reply>? _awaited;
    private bool _isLost;

    private GuardClient(GuardSocket socket, in GuardState state)
    {
        _socket = socket;
        _state = state;
        _reading = ReadAsync();
    }

    /// <summary>
    /// What happened since the connection began, in order; read by one. Ends after <see cref="GuardEventKind.Lost"/>.
    /// </summary>
    public ChannelReader<GuardEvent> Events => _events.Reader;

    /// <summary>What the guard told last; each lease that it takes is in it, with the deadline that is in force.</summary>
    public GuardState State
    {
        get
        {
            lock (_lock)
                return _state;
        }
    }

    /// <summary>Connects to the guard of a folder, and starts one when there is none. A guard that lives keeps the options that it was started with.</summary>
    /// <param name="options">Of the guard.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="GuardException">It can't be started or reached.</exception>
    public static Task<GuardClient> ConnectOrStartAsync(GuardOptions options, CancellationToken cancellationToken = default)
        => ConnectOrStartAsync(options, OwnProgram.Command, cancellationToken);

    /// <summary>Connects to the guard of a folder; null when there is none.</summary>
    /// <exception cref="GuardException">There is one, but it does not answer as it should.</exception>
    public static async Task<GuardClient?> TryConnectAsync(GuardOptions options, CancellationToken cancellationToken = default)
    {
        options.Validate();
        if (GuardSocket.TryConnect(options.EffectiveSocketPath) is not { } socket)
            return null;
        try
        {
            var packet = new byte[GuardProtocol.PacketBytesMax];
            var length = await InTimeAsync(socket.ReceiveAsync(packet, cancellationToken).AsTask(), cancellationToken);
            if (length == 0)
            {
                socket.Dispose();
                return null;
            }

            if (!Reply.TryRead(packet.AsSpan(0, length), out var reply) || reply.Type != ReplyType.State)
                throw new GuardException($"{options.EffectiveSocketPath} is not the socket of a guard");
            var client = new GuardClient(socket, reply.State);
            try
            {
                _ = await client.RequestAsync(target => Request.WriteBare(target, RequestType.Claim, client._lastNumber), cancellationToken);
                return client;
            }
            catch
            {
                await client.DisposeAsync();
                throw;
            }
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    internal static async Task<GuardClient> ConnectOrStartAsync(GuardOptions options, IReadOnlyList<string> program, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            if (await TryConnectAsync(options, cancellationToken) is { } client)
                return client;
            if (attempt == ConnectAttemptsMax)
                throw new GuardException($"{options.Folder} has a guard that can't be connected to");

            // Another may have started one at the same time; or one is about to end.
            if (!await GuardProcess.TryStartAsync(options, program, cancellationToken))
                await Task.Delay(ConnectPeriod, cancellationToken);
        }
    }

    /// <summary>Starts the server. It has no lease, so it must begin read-only.</summary>
    /// <param name="role">What the guard shall remember.</param>
    /// <param name="epoch">Not older than any that the guard has seen.</param>
    /// <param name="arguments">Added to those that the guard was given: at most 64, and 4000 bytes in all.</param>
    /// <param name="cancellationToken">Gives up; it may still be started.</param>
    /// <returns>The server's process.</returns>
    /// <exception cref="GuardException">Refused (<see cref="GuardRefusedException"/>), no answer within 5 s, or the connection is lost.</exception>
    public async Task<int> StartAsync(GuardRole role, ulong epoch, IReadOnlyList<string> arguments, CancellationToken cancellationToken = default)
    {
        var bytes = arguments.Sum(argument => Encoding.UTF8.GetByteCount(argument) + 1);
        if (arguments.Count > GuardProtocol.ArgumentsMax || bytes > GuardProtocol.PacketBytesMax - Request.StartBytesMin || arguments.Any(one => one.Contains('\0', StringComparison.Ordinal)))
            throw new GuardException("the arguments of a server's start are too many, too long, or hold a zero");
        return (await RequestAsync(target => Request.WriteStart(target, _lastNumber, epoch, role, arguments), cancellationToken)).ServerProcess;
    }

    /// <summary>Guards a server that somebody else, such as systemd, started. It does not die with the guard.</summary>
    /// <inheritdoc cref="StartAsync"/>
    public Task AttachAsync(GuardRole role, ulong epoch, int process, CancellationToken cancellationToken = default)
    {
        var began = process > 0 ? ProcessFiles.Began(process) : throw new GuardException($"{process} is no process");
        return RequestAsync(target => Request.WriteAttach(target, _lastNumber, epoch, role, process, began), cancellationToken);
    }

    /// <summary>
    /// Moves the deadline: one packet is written, nothing is waited for or allocated. Whether the guard took it shows in <see cref="State"/>; a refusal is an event.
    /// </summary>
    /// <param name="epoch">Whose lease it is.</param>
    /// <param name="deadlineNs">An instant of <see cref="BootClock"/>, less than a minute away.</param>
    /// <returns>False when the guard does not take packets.</returns>
    public bool Lease(ulong epoch, long deadlineNs)
    {
        Span<byte> packet = stackalloc byte[Request.LeaseBytes];
        return _socket.TrySend(packet[..Request.WriteLease(packet, 0, epoch, deadlineNs)]);
    }

    /// <summary>The same, and waits until the guard has confirmed it: before that nothing may be made writable.</summary>
    /// <inheritdoc cref="StartAsync"/>
    public Task ArmAsync(ulong epoch, long deadlineNs, CancellationToken cancellationToken = default)
        => RequestAsync(target => Request.WriteLease(target, _lastNumber, epoch, deadlineNs), cancellationToken);

    /// <summary>The server needs no lease any more: it was made read-only, with no commit under way.</summary>
    /// <inheritdoc cref="StartAsync"/>
    public Task ReleaseAsync(ulong epoch, CancellationToken cancellationToken = default)
        => RequestAsync(target => Request.WriteRelease(target, _lastNumber, epoch), cancellationToken);

    /// <summary>Sends SIGTERM, and SIGKILL after <paramref name="grace"/> (at most an hour). Its lease goes on. The end is an event.</summary>
    /// <inheritdoc cref="StartAsync"/>
    public Task StopAsync(TimeSpan grace, CancellationToken cancellationToken = default)
    {
        var ms = grace.TotalMilliseconds;
        return ms is >= 0 and <= GuardProtocol.GraceMsMax
            ? RequestAsync(target => Request.WriteStop(target, _lastNumber, (uint)ms), cancellationToken)
            : throw new GuardException("the time from a stop to the kill is at most an hour");
    }

    /// <summary>Sends SIGKILL. The end is an event.</summary>
    /// <inheritdoc cref="StartAsync"/>
    public Task KillAsync(CancellationToken cancellationToken = default)
        => RequestAsync(target => Request.WriteBare(target, RequestType.Kill, _lastNumber), cancellationToken);

    /// <summary>Asks for the state.</summary>
    /// <inheritdoc cref="StartAsync"/>
    public async Task<GuardState> StatusAsync(CancellationToken cancellationToken = default)
        => (await RequestAsync(target => Request.WriteBare(target, RequestType.Status, _lastNumber), cancellationToken)).State;

    /// <summary>Ends the guard, which must have no server.</summary>
    /// <inheritdoc cref="StartAsync"/>
    public Task QuitAsync(CancellationToken cancellationToken = default)
        => RequestAsync(target => Request.WriteBare(target, RequestType.Quit, _lastNumber), cancellationToken);

    /// <summary>Ends the connection; the guard and its server go on.</summary>
    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        await _reading;
        _socket.Dispose();
    }

    private async Task<Reply> RequestAsync(Func<byte[], int> write, CancellationToken cancellationToken)
    {
        await _requesting.WaitAsync(cancellationToken);
        try
        {
            var reply = await InTimeAsync(SendAsync(write), cancellationToken);
            return reply.Type == ReplyType.Refused ? throw new GuardRefusedException(reply.Refusal, reply.Epoch, reply.Error) : reply;
        }
        finally
        {
            _requesting.Release();
        }
    }

    private Task<Reply> SendAsync(Func<byte[], int> write)
    {
        var packet = new byte[GuardProtocol.PacketBytesMax];
        var awaited = new TaskCompletionSource<Reply>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            if (_isLost)
                throw Lost();

            // 0 is the number of what nobody waits for.
            _lastNumber = _lastNumber == uint.MaxValue ? 1 : _lastNumber + 1;
            _awaited = awaited;
        }

        return _socket.TrySend(packet.AsSpan(0, write(packet))) ? awaited.Task : throw Lost();
    }

    private static async Task<T> InTimeAsync<T>(Task<T> answer, CancellationToken cancellationToken)
    {
        try
        {
            return await answer.WaitAsync(AnswerPatience, cancellationToken);
        }
        catch (TimeoutException silence)
        {
            throw new GuardException($"the guard does not answer within {AnswerPatience.TotalSeconds:0} s", silence);
        }
    }

    private async Task ReadAsync()
    {
        var packet = new byte[GuardProtocol.PacketBytesMax];
        try
        {
            int length;
            while ((length = await _socket.ReceiveAsync(packet, _closing.Token)) > 0 && Reply.TryRead(packet.AsSpan(0, length), out var reply) && TryTake(in reply))
            {
                // Until the connection ends or the guard says what we do not know.
            }
        }
        catch (OperationCanceledException)
        {
            // Disposed.
        }

        lock (_lock)
        {
            _isLost = true;
            _awaited?.TrySetException(Lost());
            _ = _events.Writer.TryWrite(new GuardEvent(GuardEventKind.Lost, _state));
            _ = _events.Writer.TryComplete();
        }
    }

    /// <summary>False when there is no room for another event.</summary>
    private bool TryTake(in Reply reply)
    {
        lock (_lock)
        {
            if (reply.Type == ReplyType.State)
                _state = reply.State;
            else if (reply.Type == ReplyType.Accepted)
                _state = _state with { Epoch = reply.Epoch, DeadlineNs = reply.DeadlineNs };
            if (reply.Number != 0)
            {
                if (reply.Number == _lastNumber)
                    _awaited?.TrySetResult(reply);
                return true;
            }

            return reply.Type switch
            {
                ReplyType.State => TryTell(reply.State),
                ReplyType.Refused => _events.Writer.TryWrite(new GuardEvent(GuardEventKind.LeaseRefused, _state, reply.Refusal)),
                _ => true,
            };
        }
    }

    private bool TryTell(in GuardState state)
    {
        var kind = state.Change switch
        {
            GuardChange.Started => GuardEventKind.Started,
            GuardChange.Killed => GuardEventKind.Killed,
            GuardChange.Ended => GuardEventKind.Ended,
            GuardChange.Superseded => GuardEventKind.Superseded,
            _ => GuardEventKind.None,
        };
        return kind == GuardEventKind.None || _events.Writer.TryWrite(new GuardEvent(kind, state));
    }

    private static GuardException Lost() => new("the guard is gone, or does not take requests");
}
