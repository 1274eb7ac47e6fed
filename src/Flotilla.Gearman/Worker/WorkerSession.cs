using System.Text;
using Flotilla.Gearman.Client;
using Flotilla.Gearman.Connections;
using Flotilla.Gearman.Protocol;

namespace Flotilla.Gearman.Worker;

/// <summary>
/// One connection of a worker to one server. It asks for jobs while there are places (several questions at once while the answers are
/// jobs), sleeps after NO_JOB, and wakes on NOOP. State is under the pool's gate.
/// </summary>
internal sealed class WorkerSession : IConnectionSink
{
    private const string NotAuthorized = "NOT_AUTHORIZED";

    /// <summary>Errors that a server gives to an ability it does not want of us; the others stay.</summary>
    private static readonly string[] AboutAbilities = [NotAuthorized, "ARGUMENT_TOO_LARGE", "INVALID_ARGUMENT", "INVALID_PACKET"];

    private readonly GearmanConnection _connection;
    private readonly WorkerServer _server;
    private readonly Dictionary<string, GearmanJobContext> _running = new(StringComparer.Ordinal);
    private readonly HashSet<string> _known = new(StringComparer.Ordinal);
    private readonly WorkerLink _link;
    private readonly ITimer _watch;
    private int _grabs;
    private int _window = 1;
    private bool _ready;
    private bool _sleeping;
    private bool _closed;
    private bool _leaving;
    private bool _grabConfirmed;
    private long _askedAt;

    public WorkerSession(WorkerPool pool, WorkerLane lane, WorkerServer server, Transport transport)
    {
        Pool = pool;
        Lane = lane;
        _server = server;
        _connection = new GearmanConnection(transport, server.Address, pool.Options, maxLineBytes: 8192, this);
        _link = new WorkerLink(_connection, pool.Options.TimeProvider);
        var period = ClientSession.WatchPeriod(pool.Options);
        _watch = pool.Options.TimeProvider.CreateTimer(static state => ((WorkerSession)state!).Watch(), this, period, period);
        _connection.Start();
    }

    public WorkerPool Pool { get; }

    public WorkerLane Lane { get; }

    public GearmanAddress Server => _server.Address;

    public GearmanWorkerOptions Options => Pool.Options;

    public Task Ended => _connection.Ended;

    public string EndReason => _connection.Reason?.Message ?? "";

    public bool IsReady => _ready && !_closed;

    /// <summary>Kept by the pool.</summary>
    public bool IsWaiting { get; set; }

    public ValueTask WaitForRoomAsync(CancellationToken cancellationToken) => _connection.WaitForRoomAsync(cancellationToken);

    public void Flush(bool inline) => _connection.Flush(inline);

    public void Close(Exception reason) => _connection.Close(reason);

    /// <summary>Says who we are; ends when the server has answered, which also shows that somebody serves the port.</summary>
    /// <exception cref="GearmanServerException">The secret is wrong.</exception>
    public async Task GreetAsync()
    {
        var answers = new List<Task<bool>>();
        if (Options.Secret is { } secret)
            answers.Add(_link.Ask(PacketType.OptionReq, Encoding.UTF8.GetBytes("auth:" + secret)));
        answers.Add(_link.Ask(PacketType.OptionReq, "cancellations"u8));
        _link.Send(PacketType.SetClientId, Encoding.UTF8.GetBytes(Options.ClientId));
        answers.Add(_link.Ask(PacketType.EchoReq, "hello"u8));
        _connection.Flush(inline: true);
        var accepted = await Task.WhenAll(answers);
        if (Options.Secret is not null && !accepted[0])
            throw new GearmanServerException("NOT_AUTHORIZED", "the secret was refused");
    }

    /// <summary>Tells the server what we can do and starts to ask for jobs; under the gate.</summary>
    public void Begin()
    {
        _ready = true;
        foreach (var function in Lane.Functions.Values)
            Announce(function);
        _ = ReportWhenKnownAsync(_link.Ask(PacketType.EchoReq, "ready"u8));
        Pump();
    }

    /// <summary>A function was added while connected; under the gate. Its jobs may wait already, so a sleeper asks again.</summary>
    public void Add(WorkerFunction function)
    {
        if (!IsReady)
            return;
        Announce(function);
        _sleeping = false;
        Pump();
        Flush(inline: false);
    }

    /// <summary>
    /// Takes an ability back once that harms no job: servers hand jobs that run on to others when their worker gives the function up. True
    /// when the server does not know us for it any more; under the gate.
    /// </summary>
    public bool TryRemove(WorkerFunction function)
    {
        if (!IsReady || !_known.Contains(function.Name))
            return true;
        if (_grabs > 0 || _running.Values.Any(job => ReferenceEquals(job.Definition, function)))
        {
            StayAwake();
            return false;
        }

        _known.Remove(function.Name);
        _link.Send(PacketType.CantDo, function.NameBytes);
        Pump();
        Flush(inline: false);
        return true;
    }

    /// <summary>No more jobs: leaves now when nothing runs, otherwise after the last one; under the gate.</summary>
    public void BeginDrain()
    {
        StayAwake();
        TryLeave();
    }

    /// <summary>Fires the tokens of all running jobs; nothing of them is sent.</summary>
    public void Abort(JobLossReason reason)
    {
        GearmanJobContext[] jobs;
        lock (Pool.Gate)
            jobs = [.. _running.Values];
        foreach (var job in jobs)
            job.MarkLost(reason);
    }

    /// <summary>Asks for jobs as far as there are places; true when something was written. Under the gate.</summary>
    public bool Pump()
    {
        if (!IsReady || _sleeping || !MayGrab())
            return false;
        var wrote = false;
        while (_grabs < _window)
        {
            if (!Pool.TryReserve(Lane))
            {
                Pool.Wait(this);
                break;
            }

            Grab();
            wrote = true;
        }

        return wrote;
    }

    public void SendUpdate(PacketType type, string handle, ReadOnlySpan<byte> last) => _link.SendUpdate(type, handle, last);

    /// <summary>Writes the end of a job; <see cref="Finish"/> sends it together with the next question.</summary>
    public void SendResult(PacketType type, string handle, ReadOnlyMemory<byte> result)
        => _link.SendResult(type, handle, result, failToo: _server.Mode == GrabMode.Plain);

    public void Finish(GearmanJobContext job)
    {
        bool alone;
        lock (Pool.Gate)
        {
            if (_running.TryGetValue(job.Handle.Text, out var current) && ReferenceEquals(current, job))
                _running.Remove(job.Handle.Text);
            if (!job.IsLost)
                Pool.Completed++;
            Pool.Release(Lane);
            Pool.HandlerEnded();
            if (IsReady && !_sleeping && MayGrab())
                Pool.Wait(this);
            Pool.ServeWaiting(flushing: this);
            if (job.Definition.IsRemoving)
                _server.Owner.ContinueRemoval(job.Definition);
            TryLeave();
            alone = _running.Count == 0;
        }

        _connection.Flush(alone);
    }

    void IConnectionSink.OnPacket(in IncomingPacket packet)
    {
        switch (packet.Type)
        {
            case PacketType.Noop:
                lock (Pool.Gate)
                {
                    _sleeping = false;
                    Pump();
                }

                break;
            case PacketType.NoJob:
                lock (Pool.Gate)
                    OnNoJob();
                break;
            case PacketType.JobAssign or PacketType.JobAssignUniq or PacketType.JobAssignAll:
                OnAssign(packet);
                break;
            case PacketType.WorkFail:
                OnCancelled(packet);
                break;
            case PacketType.EchoRes or PacketType.OptionRes:
                _link.Answered(accepted: true, isEcho: packet.Type == PacketType.EchoRes);
                break;
            case PacketType.Error:
                OnError(ServerReplies.ToException(packet));
                break;
            default:
                throw new GearmanProtocolException($"{packet.Type} was sent to a worker");
        }
    }

    void IConnectionSink.OnLine(ReadOnlySpan<byte> line) => throw new GearmanProtocolException("a text line was sent to a worker");

    void IConnectionSink.OnClosed(Exception reason)
    {
        _watch.Dispose();
        GearmanJobContext[] jobs;
        lock (Pool.Gate)
        {
            _closed = true;
            for (; _grabs > 0; _grabs--)
                Pool.Release(Lane);
            jobs = [.. _running.Values];
            _running.Clear();
            Lane.Sessions.Remove(this);
            Pool.ServeWaiting(flushing: null);
            _server.Owner.ContinueRemovals(Lane);
        }

        _link.FailAll(new ConnectionLostException(Server, $"the connection to {Server} was lost: {reason.Message}", reason));
        foreach (var job in jobs)
            job.MarkLost(JobLossReason.ConnectionLost, Options.CancelJobsOnConnectionLoss);
    }

    private bool MayGrab()
    {
        if (Pool.IsDraining || _leaving || Lane.IsStopping || _known.Count == 0)
            return false;
        foreach (var function in Lane.Functions.Values)
        {
            if (function.IsRemoving && _known.Contains(function.Name))
                return false;
        }

        return true;
    }

    private void Grab()
    {
        if (_grabs++ == 0)
            _askedAt = Options.TimeProvider.GetTimestamp();
        _sleeping = false;
        _link.Send((PacketType)_server.Mode);
    }

    /// <summary>
    /// A sleeper that will not follow a NOOP must not be taken for one: the server would wake it and nobody else. Asking once ends the sleep;
    /// should a job come, it is done.
    /// </summary>
    private void StayAwake()
    {
        if (!IsReady || !_sleeping || _running.Count == 0)
            return;
        Pool.Reserve(Lane);
        Grab();
        Flush(inline: false);
    }

    private void OnNoJob()
    {
        TakeGrab();
        _grabConfirmed = true;
        _window = 1;
        Pool.Release(Lane);
        if (_grabs == 0 && MayGrab())
        {
            _sleeping = true;
            _link.Send(PacketType.PreSleep);
        }

        Pool.ServeWaiting(flushing: this);
        AfterGrab();
    }

    private void OnAssign(in IncomingPacket packet)
    {
        var arguments = new PacketArguments(packet.Body);
        ReadOnlySpan<byte> unique = default;
        ReadOnlySpan<byte> reducer = default;
        if (!arguments.TryNext(out var handle) || !arguments.TryNext(out var name)
            || (packet.Type != PacketType.JobAssign && !arguments.TryNext(out unique))
            || (packet.Type == PacketType.JobAssignAll && !arguments.TryNext(out reducer))
            || handle.Length > WorkerLink.MaxHandleBytes)
        {
            throw new GearmanProtocolException($"{packet.Type} with too few arguments");
        }

        lock (Pool.Gate)
        {
            TakeGrab();
            _grabConfirmed = true;
            _window = Math.Min(_window * 2, Options.MaxGrabs);
            if (Find(name) is not { } function)
                throw new GearmanProtocolException($"a job of {Encoding.UTF8.GetString(name)}, which this worker can't do");
            var job = new GearmanJobContext(
                this, function, Encoding.UTF8.GetString(handle), Encoding.UTF8.GetString(unique),
                reducer.IsEmpty ? null : Encoding.UTF8.GetString(reducer), packet, arguments.Last.Length);
            _running[job.Handle.Text] = job;
            Pool.HandlerBegan();
            ThreadPool.UnsafeQueueUserWorkItem(job, preferLocal: false);
            Pump();
            AfterGrab();
        }
    }

    private void TakeGrab()
    {
        if (_grabs == 0)
            throw new GearmanProtocolException("an answer to a job that nobody asked for");
        _grabs--;
        _askedAt = Options.TimeProvider.GetTimestamp();
    }

    /// <summary>What had to wait for the answer to the last question.</summary>
    private void AfterGrab()
    {
        if (_grabs > 0)
            return;
        _server.Owner.ContinueRemovals(Lane);
        TryLeave();
    }

    private WorkerFunction? Find(ReadOnlySpan<byte> name)
    {
        Span<char> text = stackalloc char[256];
        return name.Length <= text.Length
            ? Lane.Find(text[..Encoding.UTF8.GetChars(name, text)])
            : Lane.Find(Encoding.UTF8.GetString(name));
    }

    /// <summary>Our extension: a job that we run was cancelled at the server.</summary>
    private void OnCancelled(in IncomingPacket packet)
    {
        var handle = Encoding.UTF8.GetString(packet.Body.TrimEnd((byte)0));
        GearmanJobContext? job;
        lock (Pool.Gate)
            _running.TryGetValue(handle, out job);
        // On the pool: what hangs on the token may take its time, and this loop must not.
        if (job is not null)
            ThreadPool.UnsafeQueueUserWorkItem(static job => job.MarkLost(JobLossReason.Cancelled), job, preferLocal: false);
    }

    private void OnError(GearmanServerException error)
    {
        Log.ServerError(Pool.Logger, Server, error.Code, error.Text);
        if (string.Equals(error.Code, "JOB_NOT_FOUND", StringComparison.OrdinalIgnoreCase))
        {
            Pool.Report(new JobLoss(new JobHandle("", Server), "", JobLossReason.ResultRefused));
            return;
        }

        if (!_ready)
        {
            if (error.Code == NotAuthorized)
                throw error;
            _link.Answered(accepted: false, isEcho: false);
            return;
        }

        if (AboutAbilities.Contains(error.Code))
        {
            Log.AbilityRefused(Pool.Logger, Server, error.Code, error.Text);
            return;
        }

        lock (Pool.Gate)
        {
            if (_grabs == 0 || _grabConfirmed)
                return;
            if (_server.Mode == GrabMode.Plain)
                throw error;
            _server.LowerMode();
            _grabs--;
            Grab();
        }
    }

    private async Task ReportWhenKnownAsync(Task<bool> known)
    {
        try
        {
            await known;
            _server.Owner.OnConnected();
        }
        catch (ConnectionLostException)
        {
            // The next connection reports.
        }
    }

    private void Announce(WorkerFunction function)
    {
        if (!function.IsRemoving && _known.Add(function.Name))
            _link.SendAbility(function);
    }

    /// <summary>Leaves when told to and nothing is under way; under the gate.</summary>
    private void TryLeave()
    {
        if (_leaving || !IsReady || _grabs > 0 || _running.Count > 0 || !(Pool.IsDraining || Lane.IsStopping))
            return;
        _leaving = true;
        if (_connection.IsClosed)
            return;
        _link.Send(PacketType.ResetAbilities);
        _ = CloseWhenHeardAsync();
    }

    /// <summary>An echo shows that the server has everything that was sent before.</summary>
    private async Task CloseWhenHeardAsync()
    {
        try
        {
            var heard = _link.Ask(PacketType.EchoReq, "bye"u8);
            Flush(inline: false);
            await heard;
        }
        catch (ConnectionLostException)
        {
            // It ended by itself.
        }

        Close(new ObjectDisposedException(nameof(GearmanWorker)));
    }

    /// <summary>Closes the connection when an answer is missing; asks for an echo when nothing came for long.</summary>
    private void Watch()
    {
        long? askedAt;
        lock (Pool.Gate)
            askedAt = _grabs > 0 ? _askedAt : _link.AskedAt;
        if (askedAt is { } since)
        {
            if (_connection.SilenceSince(since) > Options.RequestTimeout)
                Close(new GearmanTimeoutException($"an answer of {Server}", Options.RequestTimeout));
            return;
        }

        if (Options.KeepAliveInterval != Timeout.InfiniteTimeSpan
            && Options.TimeProvider.GetElapsedTime(_connection.LastReceived) >= Options.KeepAliveInterval)
        {
            AskForEcho();
        }
    }

    private void AskForEcho()
    {
        try
        {
            _ = _link.Ask(PacketType.EchoReq, "keep-alive"u8);
            Flush(inline: false);
        }
        catch (ConnectionLostException)
        {
            // Whoever waits for the end of the connection knows.
        }
    }
}
