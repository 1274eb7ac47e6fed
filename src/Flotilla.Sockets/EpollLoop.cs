using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Flotilla.Primitives;

namespace Flotilla.Sockets;

/// <summary>A loop over epoll, edge-triggered: registering a descriptor once is all that epoll costs besides the wait itself.</summary>
internal sealed class EpollLoop : SocketLoop
{
    private const int EventsPerWait = 512;
    private const ulong WakeKey = ulong.MaxValue;
    private const uint ReadFlags = Libc.EpollIn | Libc.EpollRdHup | Libc.EpollEdge;

    /// <summary>What one receive may bring: many small packets, and a large payload in few calls.</summary>
    private const int ReceiveSizeBytes = 64 * 1024;

    /// <summary>Bytes of one batch; when it is full the batch is handled and the next begins.</summary>
    private const int ArenaSizeBytes = 8 * ReceiveSizeBytes;

    /// <summary>About 30 us: less than it takes until a sleeping thread runs again, and over before anybody notices the processor's time.</summary>
    private const int PollsBeforeSleep = 60;

    /// <summary>Whoever slept longer is not in a conversation, and polling would be in vain: a node that idles wakes more than a hundred times a second.</summary>
    private static readonly TimeSpan s_shortSleep = TimeSpan.FromMilliseconds(1);

    private readonly byte[] _arena = GC.AllocateUninitializedArray<byte>(ArenaSizeBytes, pinned: true);
    private readonly byte[] _events = Libc.AllocateEvents(EventsPerWait);
    private readonly EpollTable _table = new();
    private readonly EpollAcceptor _acceptor;
    private readonly int _epoll;
    private readonly Lock _wakeLock = new();
    private int _wake;
    private List<EpollConnection> _ready = [];
    private List<EpollConnection> _reading = [];
    private int _arenaUsed;
    private bool _wasBusy;
    private bool _sleptShortly;

    public EpollLoop(ISocketHandler handler, SocketLoopOptions options)
        : base(handler, options)
    {
        _epoll = Libc.CreateEpoll();
        _wake = Libc.CreateEventDescriptor();
        if (_epoll < 0 || _wake < 0 || Libc.Add(_epoll, _wake, Libc.EpollIn | Libc.EpollEdge, WakeKey) < 0)
            throw new SocketException(Libc.LastError, "no epoll descriptor: " + Libc.Describe(Libc.LastError));
        _acceptor = new EpollAcceptor(this);
    }

    public void AddReady(EpollConnection connection)
    {
        if (connection.IsInReadyList)
            return;
        connection.IsInReadyList = true;
        _ready.Add(connection);
    }

    /// <summary>Takes a descriptor out of epoll; closing it would do the same a little later.</summary>
    public void Forget(EpollConnection connection)
    {
        Libc.Remove(_epoll, connection.Descriptor);
        _table.Remove(connection.Key);
    }

    public void Forget(EpollListener listener)
    {
        if (listener.Key == 0)
            return;
        Libc.Remove(_epoll, listener.Descriptor);
        _table.Remove(listener.Key);
        _acceptor.Remove(listener);
    }

    /// <summary>While output waits for the kernel, epoll is asked to say when there is room.</summary>
    public void AskForOutput(EpollConnection connection, bool wanted)
        => Libc.Modify(_epoll, connection.Descriptor, wanted ? ReadFlags | Libc.EpollOut : ReadFlags, connection.Key);

    /// <summary>Serves an accepted descriptor from now on.</summary>
    public void AddAccepted(int descriptor, EndPoint? remote, object? state)
    {
        var connection = new EpollConnection(this, descriptor, remote);
        if (Watch(connection, ReadFlags))
            AddEvent(new SocketEvent(SocketEventKind.Accepted, connection, state));
        else
            Libc.Close(descriptor);
    }

    /// <summary>Others may still post when the loop is over: the descriptor may have a new owner by then.</summary>
    private protected override void Wake()
    {
        lock (_wakeLock)
        {
            if (_wake >= 0)
                Libc.Signal(_wake);
        }
    }

    private protected override void Gather(int timeoutMs)
    {
        var count = Wait(_ready.Count > 0 ? 0 : timeoutMs);
        _wasBusy = count > 0;
        if (count < 0 && Libc.LastError != Libc.EIntr)
            throw new SocketException(Libc.LastError, "epoll_wait: " + Libc.Describe(Libc.LastError));
        _arenaUsed = 0;
        (_ready, _reading) = (_reading, _ready);
        foreach (var connection in _reading)
        {
            connection.IsInReadyList = false;
            Read(connection);
        }

        _reading.Clear();
        for (var i = 0; i < count; i++)
            OnEvent(Libc.EventData(_events, i), Libc.EventFlags(_events, i));
    }

    /// <summary>Polls a little before it sleeps, but only while one thing follows on the other: being woken costs more than that.</summary>
    private int Wait(int timeoutMs)
    {
        for (var polls = _wasBusy && _sleptShortly && timeoutMs != 0 ? PollsBeforeSleep : 0; polls > 0; polls--)
        {
            var ready = Libc.Wait(_epoll, _events, 0);
            if (ready != 0)
                return ready;
        }

        var began = Stopwatch.GetTimestamp();
        var count = Libc.Wait(_epoll, _events, timeoutMs);
        _sleptShortly = Stopwatch.GetElapsedTime(began) < s_shortSleep;
        return count;
    }

    private protected override SocketListener CreateListener(Socket socket, SocketListenerOptions options)
    {
        socket.Blocking = false;
        return new EpollListener(this, socket, options);
    }

    private protected override void StartListening(SocketListener listener)
    {
        var added = (EpollListener)listener;
        if (added.IsClosed)
            return;
        added.Key = _table.Add(added);
        if (Libc.Add(_epoll, added.Descriptor, Libc.EpollIn | Libc.EpollEdge, added.Key) < 0)
            throw new SocketException(Libc.LastError, "epoll_ctl: " + Libc.Describe(Libc.LastError));
        _acceptor.Add(added);
    }

    private protected override void StartConnecting(EndPoint remote, object? state, TimeSpan timeout)
    {
        var address = remote.Serialize();
        var isTcp = remote.AddressFamily is AddressFamily.InterNetwork or AddressFamily.InterNetworkV6;
        var descriptor = Libc.CreateSocket(address.Buffer.Span[0], isTcp ? 6 : 0);
        if (descriptor < 0)
        {
            AddEvent(new SocketEvent(SocketEventKind.ConnectFailed, null, state, Libc.Describe(Libc.LastError)));
            return;
        }

        if (isTcp)
            Libc.SetOption(descriptor, 6, 1, 1);
        var error = Libc.Connect(descriptor, address.Buffer.Span[..address.Size]) < 0 ? Libc.LastError : 0;
        if (error is not (0 or Libc.EInProgress))
        {
            Libc.Close(descriptor);
            AddEvent(new SocketEvent(SocketEventKind.ConnectFailed, null, state, Libc.Describe(error)) { IsRefused = error == Libc.EConnRefused });
            return;
        }

        var connection = new EpollConnection(this, descriptor, isTcp ? remote : null)
        {
            Phase = ConnectionPhase.Connecting,
            State = state,
        };
        SetDeadline(connection, timeout);
        if (!Watch(connection, ReadFlags | Libc.EpollOut))
            FailConnect(connection, Libc.Describe(Libc.LastError));
    }

    private protected override int CheckListeners(long nowMs) => _acceptor.Check(nowMs);

    private protected override void OnDescriptorFreed() => _acceptor.OnDescriptorFreed();

    private protected override void ReleaseAll()
    {
        foreach (var owner in _table.Owners)
        {
            if (owner is EpollListener listener)
                listener.CloseNow();
            else if (owner is EpollConnection connection)
                connection.Release();
        }

        _acceptor.Dispose();
        Libc.Close(_epoll);
        lock (_wakeLock)
        {
            Libc.Close(_wake);
            _wake = -1;
        }
    }

    private bool Watch(EpollConnection connection, uint flags)
    {
        Register(connection);
        connection.Key = _table.Add(connection);
        if (Libc.Add(_epoll, connection.Descriptor, flags, connection.Key) >= 0)
            return true;
        _table.Remove(connection.Key);
        Unregister(connection);
        return false;
    }

    private void OnEvent(ulong key, uint flags)
    {
        if (key == WakeKey)
            return;
        switch (_table.Find(key))
        {
            case EpollConnection connection:
                OnReady(connection, flags);
                break;
            case EpollListener listener:
                _acceptor.Accept(listener);
                break;
            case null:
                // Closed by an earlier event of the same wait.
                break;
            default:
                throw new InvariantViolationException("an unknown owner of a descriptor");
        }
    }

    private void OnReady(EpollConnection connection, uint flags)
    {
        if (connection.Phase == ConnectionPhase.Connecting)
        {
            FinishConnecting(connection, flags);
            return;
        }

        if (connection.IsWriteBlocked && (flags & (Libc.EpollOut | Libc.EpollErr | Libc.EpollHup)) != 0)
        {
            connection.IsWriteBlocked = false;
            AskForOutput(connection, false);
            Touch(connection);
        }

        if ((flags & (Libc.EpollRdHup | Libc.EpollHup | Libc.EpollErr)) != 0)
            connection.IsHungUp = true;
        if ((flags & (Libc.EpollIn | Libc.EpollRdHup | Libc.EpollHup | Libc.EpollErr)) != 0)
        {
            connection.IsReadable = true;
            Read(connection);
        }
    }

    private void FinishConnecting(EpollConnection connection, uint flags)
    {
        if ((flags & (Libc.EpollOut | Libc.EpollErr | Libc.EpollHup)) == 0)
            return;
        var error = Libc.TakeSocketError(connection.Descriptor);
        if (error != 0)
        {
            FailConnect(connection, Libc.Describe(error), error == Libc.EConnRefused);
            return;
        }

        var state = connection.State;
        connection.State = null;
        connection.Phase = ConnectionPhase.Open;
        connection.DeadlineMs = 0;
        AddEvent(new SocketEvent(SocketEventKind.Connected, connection, state));
        AskForOutput(connection, false);
    }

    private void Read(EpollConnection connection)
    {
        if (connection.Phase == ConnectionPhase.Lingering)
        {
            Drain(connection);
            return;
        }

        if (!connection.MayRead())
            return;
        if (connection.IsInBatch)
        {
            AddReady(connection);
            return;
        }

        if (connection.OwnsInput)
        {
            var space = connection.OwnSpace().Span;
            if (!space.IsEmpty)
                Finish(connection, Libc.Receive(connection.Descriptor, space), space.Length);
            return;
        }

        if (_arena.Length - _arenaUsed < ReceiveSizeBytes)
        {
            Dispatch();
            _arenaUsed = 0;
            Read(connection);
            return;
        }

        Finish(connection, Libc.Receive(connection.Descriptor, _arena.AsSpan(_arenaUsed, ReceiveSizeBytes)), ReceiveSizeBytes);
    }

    private void Finish(EpollConnection connection, int received, int asked)
    {
        if (received > 0)
        {
            // Less than asked for: the kernel has no more, and will tell when it has. Not so at the end of the stream.
            connection.IsReadable = received == asked || connection.IsHungUp;
            if (connection.IsReadable)
                AddReady(connection);
            if (connection.OwnsInput)
            {
                connection.ReceiveOwn(received);
            }
            else
            {
                connection.Receive(_arena, _arenaUsed, received);
                _arenaUsed += received;
            }

            return;
        }

        if (received == 0)
        {
            connection.IsReadable = false;
            connection.InputEnded = true;
            AddEvent(new SocketEvent(SocketEventKind.EndOfInput, connection));
            return;
        }

        switch (Libc.LastError)
        {
            case Libc.EAgain:
                connection.IsReadable = false;
                break;
            case Libc.EIntr:
                AddReady(connection);
                break;
            default:
                connection.Fail(SocketCloseReason.Broken, Libc.Describe(Libc.LastError));
                break;
        }
    }

    /// <summary>Throws away what a peer still sends after everything was said, so that it reads the last words instead of a reset.</summary>
    private void Drain(EpollConnection connection)
    {
        if (!connection.HasDescriptor)
            return;
        if (_arena.Length - _arenaUsed < ReceiveSizeBytes)
        {
            AddReady(connection);
            return;
        }

        var received = Libc.Receive(connection.Descriptor, _arena.AsSpan(_arenaUsed, ReceiveSizeBytes));
        if (received > 0)
        {
            AddReady(connection);
        }
        else if (received == 0 || Libc.LastError is not (Libc.EAgain or Libc.EIntr))
        {
            connection.Phase = ConnectionPhase.Closed;
            connection.Release();
        }
    }
}
