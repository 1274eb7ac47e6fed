using System.Net;
using Flotilla.Primitives;

namespace Flotilla.Sockets;

/// <summary>
/// One thread that serves many connections in batches: takes everything that is ready, receives all of it, hands it to its
/// <see cref="ISocketHandler"/> in one call, then sends each connection's output once. <see cref="Post"/>, <see cref="Listen"/>,
/// <see cref="Connect"/> and <see cref="Stop"/> may be called from any thread, everything else on the loop's own.
/// </summary>
public abstract class SocketLoop : IAsyncDisposable
{
    /// <summary>How long a peer may take to say goodbye after everything was sent: enough to let it read an error before the reset.</summary>
    internal static readonly TimeSpan LingerTimeout = TimeSpan.FromSeconds(1);

    private const int DeadlineResolutionMs = 50;
    private const int GrowthCheckMs = 5000;

    /// <summary>Who grows its buffer over the limit while others wait for that must send at least this much a second.</summary>
    private const int GrowthBytesPerSecondMin = 64 * 1024;

    private readonly ISocketHandler _handler;
    private readonly Lock _mailLock = new();
    private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<SocketConnection> _connections = [];
    private readonly List<SocketConnection> _timed = [];
    private readonly Queue<SocketConnection> _waitingForMemory = [];
    private List<object> _mail = [];
    private List<object> _takenMail = [];
    private List<SocketConnection> _touched = [];
    private List<SocketConnection> _flushing = [];
    private List<SocketConnection> _received = [];
    private List<SocketConnection> _settling = [];
    private SocketEvent[] _gathered = new SocketEvent[64];
    private SocketEvent[] _handled = new SocketEvent[64];
    private SocketConnection? _growing;
    private long _growthCheckedMs;
    private long _growthBytes;
    private int _gatheredCount;
    private int _wakeRequested;
    private long _receiveMemoryBytes;
    private long _bytesSent;
    private long _deadlinesCheckedMs;
    private Thread? _thread;
    private volatile bool _stopping;
    private bool _finished;

    private protected SocketLoop(ISocketHandler handler, SocketLoopOptions options)
    {
        _handler = handler;
        Options = options;
        Outputs = new OutputAccount(options);
    }

    public SocketLoopOptions Options { get; }

    /// <summary>True where <see cref="SocketLoopKind.Epoll"/> works.</summary>
    public static bool IsEpollSupported => Libc.HasEpoll;

    /// <summary>Ends when the loop has stopped; faults when it failed.</summary>
    public Task Completion => _completion.Task;

    /// <summary>True on the loop's own thread.</summary>
    public bool IsCurrentThread => Thread.CurrentThread == _thread;

    /// <summary>Connections that are not over, those in the middle of a close included.</summary>
    public int ConnectionCount => _connections.Count;

    /// <summary>Times the loop woke up, for statistics.</summary>
    public long Wakeups { get; private set; }

    /// <summary>Bytes received on all connections since the loop began.</summary>
    public long BytesReceived { get; internal set; }

    /// <summary>Bytes sent on all connections since the loop began.</summary>
    public long BytesSent => Volatile.Read(ref _bytesSent);

    /// <summary>Memory held for incomplete messages.</summary>
    public long ReceiveMemoryBytes => _receiveMemoryBytes;

    /// <summary>Makes a loop and starts its thread.</summary>
    public static SocketLoop Start(ISocketHandler handler, SocketLoopOptions options)
    {
        var epoll = options.Kind == SocketLoopKind.Epoll || (options.Kind == SocketLoopKind.Automatic && IsEpollSupported);
        SocketLoop loop = epoll ? new EpollLoop(handler, options) : new PortableLoop(handler, options);
        loop._thread = new Thread(loop.Run) { IsBackground = true, Name = options.Name };
        loop._thread.Start();
        return loop;
    }

    /// <summary>Gives the handler a message, in the order of calls per thread; it comes as <see cref="SocketEventKind.Posted"/>.</summary>
    public void Post(object message)
    {
        lock (_mailLock)
        {
            if (_finished)
            {
                (message as LoopCommand)?.Discard();
                return;
            }

            _mail.Add(message);
        }

        if (!IsCurrentThread && Interlocked.Exchange(ref _wakeRequested, 1) == 0)
            Wake();
    }

    /// <summary>Binds at once and accepts from then on. Throws <see cref="System.Net.Sockets.SocketException"/> when the address can't be had.</summary>
    public SocketListener Listen(SocketListenerOptions options)
    {
        var listener = CreateListener(SocketBinding.Bind(options), options);
        Post(new LoopCommand(() => StartListening(listener)));
        return listener;
    }

    /// <summary>Starts an outbound connection; how it ends comes as <see cref="SocketEventKind.Connected"/> or <see cref="SocketEventKind.ConnectFailed"/>.</summary>
    public void Connect(EndPoint remote, object? state, TimeSpan timeout) => Post(new LoopCommand(() => StartConnecting(remote, state, timeout)));

    /// <summary>
    /// Serves any stream (TLS over a socket, a pipe) as a connection of this loop; it comes as <see cref="SocketEventKind.Accepted"/>.
    /// The loop owns the stream from now on.
    /// </summary>
    public void Adopt(Stream stream, EndPoint? remote, object? state)
        => Post(new LoopCommand(() => AddStream(new StreamConnection(this, stream, remote, -1), SocketEventKind.Accepted, state), stream.Dispose));

    /// <summary>Asks the loop to end: open connections are dropped, the handler hears of each and then <see cref="ISocketHandler.OnStopped"/>.</summary>
    public void Stop()
    {
        _stopping = true;
        Wake();
    }

    public async ValueTask DisposeAsync()
    {
        Stop();
        await Completion.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        GC.SuppressFinalize(this);
    }

    internal static long ClockMs => Environment.TickCount64;

    internal OutputAccount Outputs { get; }

    internal void Touch(SocketConnection connection)
    {
        if (connection.IsTouched)
            return;
        connection.IsTouched = true;
        _touched.Add(connection);
    }

    internal void SetDeadline(SocketConnection connection, TimeSpan timeout)
    {
        if (connection.DeadlineMs == 0)
            _timed.Add(connection);
        connection.DeadlineMs = ClockMs + (long)timeout.TotalMilliseconds + 1;
    }

    internal void AddReceived(SocketConnection connection)
    {
        connection.IsInBatch = true;
        _received.Add(connection);
        AddEvent(new SocketEvent(SocketEventKind.Received, connection));
    }

    internal void AddClosed(SocketConnection connection, SocketCloseReason reason, string? detail)
        => AddEvent(new SocketEvent(connection, reason, detail));

    internal void AddEvent(in SocketEvent happened)
    {
        if (_gatheredCount == _gathered.Length)
            Array.Resize(ref _gathered, _gathered.Length * 2);
        _gathered[_gatheredCount++] = happened;
    }

    internal void CountSent(int count) => _bytesSent += count;

    /// <summary>As <see cref="CountSent"/>, from a pump.</summary>
    internal void CountSentElsewhere(int count) => Interlocked.Add(ref _bytesSent, count);

    internal void CountReceiveMemory(int changeBytes) => _receiveMemoryBytes += changeBytes;

    /// <summary>Whether a buffer may grow; over the limit one connection at a time may, so that somebody always gets through.</summary>
    internal bool MayGrow(SocketConnection connection, int moreBytes)
    {
        if (_receiveMemoryBytes + moreBytes <= Options.ReceiveLimitBytes || _growing == connection)
            return true;
        if (_growing is null)
        {
            _growing = connection;
            BeginGrowthCheck(connection);
            return true;
        }

        if (_waitingForMemory.Count == 0)
            BeginGrowthCheck(_growing);
        if (!connection.IsWaitingForMemory)
            _waitingForMemory.Enqueue(connection);
        connection.IsWaitingForMemory = true;
        return false;
    }

    internal void EndGrowth(SocketConnection connection)
    {
        if (_growing == connection)
            _growing = null;
        while (_waitingForMemory.Count > 0 && (_growing is null || _receiveMemoryBytes < Options.ReceiveLimitBytes))
        {
            var next = _waitingForMemory.Dequeue();
            next.IsWaitingForMemory = false;
            if (next.IsOpen)
            {
                next.ResumeReading();
                break;
            }
        }
    }

    internal void AddStream(StreamConnection connection, SocketEventKind kind, object? state)
    {
        Register(connection);
        AddEvent(new SocketEvent(kind, connection, state));
        connection.StartReading();
    }

    internal void AdoptSocket(System.Net.Sockets.Socket socket, EndPoint? remote, SocketEventKind kind, object? state)
    {
        var stream = new System.Net.Sockets.NetworkStream(socket, ownsSocket: true);
        var connection = new StreamConnection(this, stream, remote, (int)socket.Handle);
        Post(new LoopCommand(() => AddStream(connection, kind, state), stream.Dispose));
    }

    internal void Register(SocketConnection connection)
    {
        connection.Index = _connections.Count;
        _connections.Add(connection);
    }

    /// <summary>Takes a connection whose resources are gone out of the loop's list.</summary>
    internal void Unregister(SocketConnection connection)
    {
        if (connection.Index < 0)
            return;
        var last = _connections[^1];
        _connections[connection.Index] = last;
        last.Index = connection.Index;
        _connections.RemoveAt(_connections.Count - 1);
        connection.Index = -1;
        OnDescriptorFreed();
    }

    /// <summary>Everything that was gathered goes to the handler; then what it touched is sent.</summary>
    private protected void Dispatch()
    {
        TakeMail();
        (_gathered, _handled) = (_handled, _gathered);
        (_received, _settling) = (_settling, _received);
        var count = _gatheredCount;
        _gatheredCount = 0;
        _handler.OnBatch(this, _handled.AsSpan(0, count));
        Array.Clear(_handled, 0, count);
        foreach (var connection in _settling)
        {
            connection.IsInBatch = false;
            connection.SettleInput();
        }

        _settling.Clear();
        SendTouched();
        _handler.OnSent(this);
    }

    private protected abstract void Wake();

    /// <summary>Sleeps until something happens, at most so long (-1 for ever), and gathers what did; may dispatch when its memory is full.</summary>
    private protected abstract void Gather(int timeoutMs);

    private protected abstract SocketListener CreateListener(System.Net.Sockets.Socket socket, SocketListenerOptions options);

    private protected abstract void StartListening(SocketListener listener);

    private protected abstract void StartConnecting(EndPoint remote, object? state, TimeSpan timeout);

    /// <summary>Periodic duties; returns in how many milliseconds it wants to be called again, -1 for never.</summary>
    private protected abstract int CheckListeners(long nowMs);

    private protected abstract void ReleaseAll();

    private protected virtual void OnDescriptorFreed()
    {
    }

    private void Run()
    {
        Exception? failure = null;
        try
        {
            while (!_stopping)
            {
                Gather(NextTimeout());
                Wakeups++;
                Dispatch();
            }
        }
        catch (Exception e)
        {
            failure = e;
        }

        failure = Finish(failure);
        if (failure is null)
            _completion.SetResult();
        else
            _completion.SetException(failure);
    }

    private Exception? Finish(Exception? failure)
    {
        try
        {
            for (var i = _connections.Count - 1; i >= 0; i--)
            {
                var connection = _connections[i];
                connection.Fail(SocketCloseReason.Stopped, null);
                connection.Release();
            }

            if (failure is null)
                Dispatch();
        }
        catch (Exception e)
        {
            failure ??= e;
        }

        ReleaseAll();
        DiscardMail();
        try
        {
            _handler.OnStopped(this, failure);
        }
        catch (Exception e)
        {
            failure ??= e;
        }

        return failure;
    }

    private void DiscardMail()
    {
        lock (_mailLock)
        {
            _finished = true;
            foreach (var message in _mail)
                (message as LoopCommand)?.Discard();
            _mail.Clear();
        }
    }

    private int NextTimeout()
    {
        if (_gatheredCount > 0 || _touched.Count > 0 || Volatile.Read(ref _wakeRequested) != 0)
            return 0;
        lock (_mailLock)
        {
            if (_mail.Count > 0)
                return 0;
        }

        var timeout = _handler.MillisecondsToSleep(this);
        if (_timed.Count > 0)
        {
            CheckDeadlines();
            timeout = Earlier(timeout, DeadlineResolutionMs);
        }

        if (_growing is not null && _waitingForMemory.Count > 0)
            timeout = Earlier(timeout, CheckGrowth(_growing));
        timeout = Earlier(timeout, CheckListeners(ClockMs));
        return _gatheredCount > 0 ? 0 : timeout;
    }

    private static int Earlier(int first, int second) => first < 0 ? second : second < 0 ? first : Math.Min(first, second);

    private void CheckDeadlines()
    {
        var now = ClockMs;
        if (now - _deadlinesCheckedMs < DeadlineResolutionMs)
            return;
        _deadlinesCheckedMs = now;
        for (var i = _timed.Count - 1; i >= 0; i--)
        {
            var connection = _timed[i];
            if (connection.Phase != ConnectionPhase.Closed && connection.DeadlineMs != 0 && connection.DeadlineMs > now)
                continue;
            _timed[i] = _timed[^1];
            _timed.RemoveAt(_timed.Count - 1);
            if (connection.DeadlineMs != 0 && connection.DeadlineMs <= now)
                EndInTime(connection);
            connection.DeadlineMs = 0;
        }
    }

    private void BeginGrowthCheck(SocketConnection connection)
        => (_growthCheckedMs, _growthBytes) = (ClockMs, connection.BytesReceived);

    /// <summary>One peer that trickles must not keep all others from sending what is large.</summary>
    private int CheckGrowth(SocketConnection growing)
    {
        var passedMs = ClockMs - _growthCheckedMs;
        if (passedMs < GrowthCheckMs)
            return GrowthCheckMs;
        var received = growing.BytesReceived - _growthBytes;
        if (received < passedMs * GrowthBytesPerSecondMin / 1000)
            growing.Fail(SocketCloseReason.SlowSender, $"{received} bytes in {passedMs} ms, while others waited for its memory");
        else
            BeginGrowthCheck(growing);
        return GrowthCheckMs;
    }

    private void EndInTime(SocketConnection connection)
    {
        switch (connection.Phase)
        {
            case ConnectionPhase.Connecting:
                FailConnect(connection, "timed out");
                break;
            case ConnectionPhase.Closing:
                connection.Fail(SocketCloseReason.CloseTimeout, null);
                break;
            case ConnectionPhase.Lingering:
                connection.Phase = ConnectionPhase.Closed;
                connection.Release();
                break;
            case ConnectionPhase.Open:
            case ConnectionPhase.Closed:
                break;
            default:
                throw new InvariantViolationException($"phase {connection.Phase}");
        }
    }

    internal void FailConnect(SocketConnection connection, string why, bool isRefused = false)
    {
        connection.Phase = ConnectionPhase.Closed;
        AddEvent(new SocketEvent(SocketEventKind.ConnectFailed, null, connection.State, why) { IsRefused = isRefused });
        connection.Release();
    }

    private void TakeMail()
    {
        Volatile.Write(ref _wakeRequested, 0);
        lock (_mailLock)
        {
            if (_mail.Count == 0)
                return;
            (_mail, _takenMail) = (_takenMail, _mail);
        }

        foreach (var message in _takenMail)
        {
            if (message is LoopCommand command)
                command.Run();
            else
                AddEvent(new SocketEvent(SocketEventKind.Posted, null, message));
        }

        _takenMail.Clear();
        if (_takenMail.Capacity > 4096)
            _takenMail = [];
    }

    private void SendTouched()
    {
        (_touched, _flushing) = (_flushing, _touched);
        foreach (var connection in _flushing)
        {
            connection.IsTouched = false;
            if (connection.Phase is not (ConnectionPhase.Open or ConnectionPhase.Closing))
                continue;
            Outputs.Send(connection);
            if (connection.LeftBytes <= Options.OutputPauseBytes / 2 && connection.MayRead())
                connection.ResumeReading();
        }

        _flushing.Clear();
    }
}
