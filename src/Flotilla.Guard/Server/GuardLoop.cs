namespace Flotilla.Guard;

/// <summary>
/// One server, its lease, and the connections that may move it: plain calls on one thread. A turn waits for the next thing, and does first what can't wait: note that the
/// server has ended, kill it when its time is over, then read one packet of each connection. Nothing in a turn allocates, so nothing is ever collected.
/// </summary>
internal sealed class GuardLoop : IDisposable
{
    /// <summary>A node, one that is being replaced, and people that look; more are turned away.</summary>
    public const int PeersMax = 8;

    /// <summary>How long nobody is accepted after the system had no room for another connection: the socket would stay readable, and the loop would turn for nothing.</summary>
    private const long AcceptPauseNs = 100 * GuardProtocol.NsPerMs;

    private const int TimerIndex = 0;
    private const int ServerIndex = 1;
    private const int ListenerIndex = 2;
    private const int FirstPeerIndex = 3;
    private const short Readable = 1;
    private const int NoPeer = -1;

    private readonly int _listener;
    private readonly GuardLog _log;
    private readonly GuardFlags _means;
    private readonly GuardedServer _server;
    private readonly PollEntry[] _polled = GC.AllocateArray<PollEntry>(FirstPeerIndex + PeersMax, pinned: true);
    private readonly byte[] _input = GC.AllocateArray<byte>(GuardProtocol.PacketBytesMax, pinned: true);
    private readonly byte[] _output = GC.AllocateArray<byte>(Reply.StateBytes, pinned: true);
    private readonly long _idleNs;
    private ServerLease _lease;
    private long _acceptAgainNs;
    private long _idleSinceNs;
    private long _armedNs;
    private int _peers;
    private int _speaker = NoPeer;
    private bool _isOver;

    /// <param name="options">Validated.</param>
    /// <param name="listener">The socket that nodes connect to; closed on dispose.</param>
    /// <param name="log">For people.</param>
    /// <param name="means">What the process was granted.</param>
    public GuardLoop(GuardOptions options, int listener, GuardLog log, GuardFlags means)
    {
        _listener = listener;
        _log = log;
        _means = means;
        _server = new GuardedServer(options);
        _idleNs = (long)options.Idle.TotalNanoseconds;
        _idleSinceNs = BootClock.NowNs;
        _polled.AsSpan().Fill(new PollEntry { Descriptor = -1, Events = Readable });
        _polled[TimerIndex].Descriptor = Libc.CreateBootTimer();
        _polled[ListenerIndex].Descriptor = listener;
    }

    /// <summary>Waits for something to do and does it; false when the guard is to end.</summary>
    public bool Turn()
    {
        SetTimer();
        _polled[ServerIndex].Descriptor = _server.Descriptor;
        while (Libc.Poll(_polled, -1) < 0)
        {
            // Interrupted: the runtime signals its threads, too.
        }

        var now = BootClock.NowNs;
        if (_polled[ServerIndex].Returned != 0 && _server.TryEnd(now))
            NoteEnd(now);
        KillWhenDue(now);
        for (var peer = 0; peer < PeersMax && !_isOver; peer++)
        {
            if (_polled[FirstPeerIndex + peer].Returned != 0)
                Receive(peer);
        }

        if (_polled[ListenerIndex].Returned != 0)
            Accept(now);
        if (_acceptAgainNs != 0 && now >= _acceptAgainNs)
            ResumeAccepting();
        return !_isOver && !IsIdle(now);
    }

    public void Dispose()
    {
        ResumeAccepting();
        _server.Dispose();
        foreach (ref var entry in _polled.AsSpan())
        {
            if (entry.Descriptor >= 0)
                Libc.Close(entry.Descriptor);
            entry.Descriptor = -1;
        }
    }

    /// <summary>The next instant at which something is due; 0 for none. What was due has been done, or it would be due for ever.</summary>
    private long NextDueNs()
    {
        if (_server.IsAlive)
            return Earliest(_acceptAgainNs, Earliest(_lease.DeadlineNs, _server.GraceEndsNs));
        return Earliest(_acceptAgainNs, _server.IsRunning || _peers > 0 ? 0 : _idleSinceNs + _idleNs);
    }

    private static long Earliest(long one, long other) => one == 0 ? other : other == 0 ? one : Math.Min(one, other);

    private void SetTimer()
    {
        var due = NextDueNs();
        if (due == _armedNs)
            return;
        Libc.SetTimer(_polled[TimerIndex].Descriptor, due);
        _armedNs = due;
    }

    private bool IsIdle(long now) => !_server.IsRunning && _peers == 0 && now >= _idleSinceNs + _idleNs;

    private void KillWhenDue(long now)
    {
        if (!_server.IsAlive)
            return;
        if (_lease.DeadlineNs != 0 && now >= _lease.DeadlineNs)
            Kill(KillCause.Deadline, now);
        else if (_server.GraceEndsNs != 0 && now >= _server.GraceEndsNs)
            Kill(KillCause.Grace, now);
    }

    private void Kill(KillCause cause, long now)
    {
        _server.Kill(cause, now);
        Tell(GuardChange.Killed);
        _log.Killed(_server.Process, cause, _lease.Epoch);
    }

    private void NoteEnd(long now)
    {
        _idleSinceNs = now;
        Tell(GuardChange.Ended);
        _log.Ended(_server.Process, _server.Exit, _server.ExitCode);
    }

    private void Accept(long now)
    {
        var socket = Libc.Accept(_listener);
        if (socket < 0)
        {
            if (Libc.LastError is Libc.EmFile or Libc.EnFile or Libc.ENoMem or Libc.ENoBufs)
            {
                _polled[ListenerIndex].Descriptor = -1;
                _acceptAgainNs = now + AcceptPauseNs;
            }

            return;
        }

        if (_peers == PeersMax || !Libc.IsOfUser(socket, Libc.User))
        {
            Libc.Close(socket);
            return;
        }

        var peer = 0;
        while (_polled[FirstPeerIndex + peer].Descriptor >= 0)
            peer++;
        _polled[FirstPeerIndex + peer].Descriptor = socket;
        _polled[FirstPeerIndex + peer].Returned = 0;
        _peers++;
        SendState(peer, GuardChange.None, number: 0);
    }

    private void ResumeAccepting()
    {
        _polled[ListenerIndex].Descriptor = _listener;
        _acceptAgainNs = 0;
    }

    private void Receive(int peer)
    {
        var length = Libc.Receive(_polled[FirstPeerIndex + peer].Descriptor, _input);
        if (length < 0 && Libc.LastError is Libc.EAgain or Libc.EIntr)
            return;
        if (length <= 0)
        {
            Close(peer);
            return;
        }

        if (length > _input.Length || !Request.TryRead(_input.AsSpan(0, length), out var request))
        {
            Refuse(peer, length > 1 ? (RequestType)_input[1] : RequestType.None, number: 0, GuardRefusal.BadPacket, error: 0);
            Close(peer);
            return;
        }

        // Once more: an earlier packet may have taken its time, as a start does.
        var now = BootClock.NowNs;
        KillWhenDue(now);
        var refusal = Act(peer, in request, now, out var error);
        if (refusal != GuardRefusal.None)
            Refuse(peer, request.Type, request.Number, refusal, error);
        else if (request.Type == RequestType.Status)
            SendState(peer, GuardChange.None, request.Number);
        else
            Accepted(peer, in request);
    }

    /// <summary>Carries a request out, or says why not.</summary>
    private GuardRefusal Act(int peer, in Request request, long now, out int error)
    {
        error = 0;
        if (request.Type is not (RequestType.Claim or RequestType.Status) && peer != _speaker)
            return GuardRefusal.NotSpeaker;
        switch (request.Type)
        {
            case RequestType.Status:
                return GuardRefusal.None;
            case RequestType.Claim:
                Claim(peer);
                return GuardRefusal.None;
            case RequestType.Start:
                return Begin(in request, now, out error);
            case RequestType.Attach:
                return Begin(in request, now, out error);
            case RequestType.Lease:
                return Extend(in request, now);
            case RequestType.Release:
                return _server.IsAlive ? _lease.Release(request.Epoch) : GuardRefusal.NoServer;
            case RequestType.Stop:
                if (!_server.IsAlive)
                    return GuardRefusal.NoServer;
                _server.Stop(request.GraceMs, now);
                return GuardRefusal.None;
            case RequestType.Kill:
                if (!_server.IsAlive)
                    return GuardRefusal.NoServer;
                Kill(KillCause.Told, now);
                return GuardRefusal.None;
            case RequestType.Quit:
                _isOver = !_server.IsRunning;
                return _isOver ? GuardRefusal.None : GuardRefusal.ServerRuns;
            default:
                return GuardRefusal.BadPacket;
        }
    }

    private void Claim(int peer)
    {
        var former = _speaker;
        _speaker = peer;
        if (former != NoPeer && former != peer)
            SendState(former, GuardChange.Superseded, number: 0);
    }

    private GuardRefusal Begin(in Request request, long now, out int error)
    {
        error = 0;
        if (_server.IsRunning)
            return GuardRefusal.ServerRuns;
        if (_lease.See(request.Epoch) is not GuardRefusal.None and var stale)
            return stale;
        var refusal = request.Type == RequestType.Start
            ? _server.Start(request.Role, request.Arguments, now, out error)
            : _server.Attach(request.Role, request.Process, request.ProcessBegan, now, out error);
        if (refusal != GuardRefusal.None)
            return refusal;
        _lease.Clear();
        Tell(GuardChange.Started);
        _log.Started(_server.Process, _server.Role, _lease.Epoch);
        return GuardRefusal.None;
    }

    private GuardRefusal Extend(in Request request, long now)
    {
        if (!_server.IsAlive)
            return GuardRefusal.NoServer;
        if (_lease.DeadlineNs == 0 && !_server.DiesWithGuard())
            return GuardRefusal.UserChanged;
        return _lease.Extend(request.Epoch, request.DeadlineNs, now);
    }

    private void Accepted(int peer, in Request request)
    {
        var reply = new Reply
        {
            Type = ReplyType.Accepted,
            Number = request.Number,
            Request = request.Type,
            Epoch = _lease.Epoch,
            DeadlineNs = _lease.DeadlineNs,
            ServerProcess = _server.Process,
        };
        Send(peer, in reply);
    }

    private void Refuse(int peer, RequestType type, uint number, GuardRefusal refusal, int error)
    {
        var reply = new Reply { Type = ReplyType.Refused, Number = number, Request = type, Refusal = refusal, Error = error, Epoch = _lease.Epoch };
        Send(peer, in reply);
    }

    private void Tell(GuardChange change)
    {
        for (var peer = 0; peer < PeersMax; peer++)
            SendState(peer, change, number: 0);
    }

    private void SendState(int peer, GuardChange change, uint number)
    {
        var flags = _means | When(peer == _speaker, GuardFlags.YouSpeak) | When(_speaker != NoPeer, GuardFlags.Spoken)
            | When(_server.IsAttached, GuardFlags.Attached) | When(_server.GraceEndsNs != 0, GuardFlags.Stopping);
        var state = new GuardState
        {
            Change = change,
            Phase = _server.Phase,
            Role = _server.Role,
            Flags = flags,
            Killed = _server.Killed,
            Exit = _server.Exit,
            ExitCode = _server.ExitCode,
            GuardProcess = Environment.ProcessId,
            ServerProcess = _server.Process,
            Epoch = _lease.Epoch,
            DeadlineNs = _lease.DeadlineNs,
            StartedNs = _server.StartedNs,
            KilledNs = _server.KilledNs,
            EndedNs = _server.EndedNs,
        };
        var reply = new Reply { Type = ReplyType.State, Number = number, State = state };
        Send(peer, in reply);
    }

    private static GuardFlags When(bool condition, GuardFlags flag) => condition ? flag : GuardFlags.None;

    /// <summary>Who does not take what it is told is let go: nothing is kept for it, and it sees the state when it returns.</summary>
    private void Send(int peer, in Reply reply)
    {
        var socket = _polled[FirstPeerIndex + peer].Descriptor;
        if (socket >= 0 && Libc.Send(socket, _output.AsSpan(0, reply.Write(_output))) < 0)
            Close(peer);
    }

    private void Close(int peer)
    {
        ref var entry = ref _polled[FirstPeerIndex + peer];
        if (entry.Descriptor < 0)
            return;
        Libc.Close(entry.Descriptor);
        entry.Descriptor = -1;
        entry.Returned = 0;
        _peers--;
        if (_speaker == peer)
            _speaker = NoPeer;
        if (_peers == 0)
            _idleSinceNs = BootClock.NowNs;
    }
}
