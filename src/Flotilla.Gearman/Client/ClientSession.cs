using System.Text;
using Flotilla.Gearman.Connections;
using Flotilla.Gearman.Protocol;

namespace Flotilla.Gearman.Client;

/// <summary>One connection of a client: requests in the order sent, and the foreground jobs that the server has accepted on it.</summary>
internal sealed class ClientSession : IConnectionSink, IDisposable
{
    /// <summary>Handles are at most 64 bytes by the protocol; what is longer still is no handle.</summary>
    private const int MaxHandleBytes = 256;

    private readonly GearmanConnection _connection;
    private readonly ITimer _watch;
    private readonly Queue<PendingReply> _pending = new();
    private readonly Dictionary<string, ForegroundJob> _jobs = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ForegroundJob>.AlternateLookup<ReadOnlySpan<char>> _jobsByText;
    private int _keepAliveAsked;

    public ClientSession(Transport transport, GearmanAddress server, GearmanClientOptions options)
    {
        Server = server;
        Options = options;
        _jobsByText = _jobs.GetAlternateLookup<ReadOnlySpan<char>>();
        _connection = new GearmanConnection(transport, server, options, ProtocolLineBytes, this);
        var period = WatchPeriod(options);
        _watch = options.TimeProvider.CreateTimer(static state => ((ClientSession)state!).Watch(), this, period, period);
        _connection.Start();
    }

    public GearmanAddress Server { get; }

    public GearmanClientOptions Options { get; }

    public bool IsAlive => !_connection.IsClosed;

    public Task Ended => _connection.Ended;

    public string EndReason => _connection.Reason?.Message ?? "";

    /// <summary>The longest line that answers a command sent here.</summary>
    private static int ProtocolLineBytes => 8192;

    public ValueTask WaitForRoomAsync(CancellationToken cancellationToken) => _connection.WaitForRoomAsync(cancellationToken);

    /// <summary>Often enough to notice a missed deadline soon, seldom enough to cost nothing.</summary>
    internal static TimeSpan WatchPeriod(GearmanOptions options)
    {
        var shortest = options.KeepAliveInterval == Timeout.InfiniteTimeSpan || options.RequestTimeout < options.KeepAliveInterval
            ? options.RequestTimeout
            : options.KeepAliveInterval;
        return TimeSpan.FromMilliseconds(Math.Clamp(shortest.TotalMilliseconds / 4, 10, 1000));
    }

    /// <summary>Submits a foreground job; false when the connection has ended and nothing was sent.</summary>
    public bool TrySubmit(ForegroundJob job, JobRequest request)
    {
        var between = SubmitPacket.ReduceArguments(request);
        bool alone;
        lock (_connection.Gate)
        {
            if (_connection.IsClosed)
                return false;
            SubmitPacket.Write(_connection.Output, SubmitPacket.Foreground(request), request, between);
            Enqueue(job);
            alone = _pending.Count == 1 && _jobs.Count == 0;
        }

        _connection.Flush(alone);
        return true;
    }

    /// <summary>Submits a job that only its handle is wanted of; false when the connection has ended and nothing was sent.</summary>
    public bool TrySubmitDetached(PacketType type, JobRequest request, ReadOnlySpan<string> between, PendingAnswer<JobHandle> reply)
    {
        bool alone;
        lock (_connection.Gate)
        {
            if (_connection.IsClosed)
                return false;
            SubmitPacket.Write(_connection.Output, type, request, between);
            Enqueue(reply);
            alone = _pending.Count == 1;
        }

        _connection.Flush(alone);
        return true;
    }

    public Task<T> AskAsync<T>(PacketType type, ReadOnlySpan<byte> body, PacketType answer, PendingAnswer<T>.Parser parse)
    {
        var reply = new PendingAnswer<T>(answer, parse);
        lock (_connection.Gate)
        {
            _connection.RequireOpen();
            PacketWriter.Write(_connection.Output, PacketMagic.Request, type, body);
            Enqueue(reply);
        }

        _connection.Flush(inline: true);
        return reply.Answer;
    }

    public Task<bool> SetOptionAsync(string option)
        => AskAsync(PacketType.OptionReq, Encoding.UTF8.GetBytes(option), PacketType.OptionRes, static (in _) => true);

    public Task<string> AskLineAsync(string command)
    {
        var reply = new PendingLine();
        lock (_connection.Gate)
        {
            _connection.RequireOpen();
            _connection.Output.Append(Encoding.UTF8.GetBytes(command + "\r\n"));
            Enqueue(reply);
        }

        _connection.Flush(inline: true);
        return reply.Answer;
    }

    /// <summary>Tells the server that nobody wants the job any more; whether it listened does not matter.</summary>
    public void CancelForgotten(string handle)
    {
        if (!IsAlive)
            return;
        try
        {
            _ = AskLineAsync($"cancel job {handle}");
        }
        catch (ConnectionLostException)
        {
            // It ended in between; the server abandons the job by itself.
        }
    }

    public void Close(Exception reason) => _connection.Close(reason);

    public void Dispose()
    {
        _watch.Dispose();
        _connection.Close(new ObjectDisposedException(nameof(GearmanClient)));
    }

    /// <summary>Remembers an accepted job under its handle.</summary>
    internal string Track(ForegroundJob job, ReadOnlySpan<byte> handle)
    {
        if (handle.Length > MaxHandleBytes)
            throw new GearmanProtocolException($"a job handle of {handle.Length} bytes");
        var text = Encoding.UTF8.GetString(handle);
        if (!_jobs.TryGetValue(text, out var first))
        {
            _jobs.Add(text, job);
            return text;
        }

        (first.Twins ??= [first]).Add(job);
        return text;
    }

    void IConnectionSink.OnPacket(in IncomingPacket packet)
    {
        switch (packet.Type)
        {
            case PacketType.JobCreated or PacketType.StatusRes or PacketType.StatusResUnique or PacketType.EchoRes or PacketType.OptionRes:
                Oldest().OnAnswer(packet);
                Dequeue();
                break;
            case PacketType.Error:
                Oldest().OnFailure(ServerReplies.ToException(packet));
                Dequeue();
                break;
            case PacketType.WorkData or PacketType.WorkWarning or PacketType.WorkStatus:
                OnUpdate(packet);
                break;
            case PacketType.WorkComplete or PacketType.WorkFail or PacketType.WorkException:
                OnEnd(packet);
                break;
            default:
                throw new GearmanProtocolException($"{packet.Type} was sent to a client");
        }
    }

    void IConnectionSink.OnLine(ReadOnlySpan<byte> line)
    {
        Oldest().OnLine(line);
        Dequeue();
    }

    void IConnectionSink.OnClosed(Exception reason)
    {
        _watch.Dispose();
        PendingReply[] pending;
        lock (_connection.Gate)
        {
            pending = [.. _pending];
            _pending.Clear();
        }

        Exception lost = reason is ObjectDisposedException
            ? reason
            : new ConnectionLostException(Server, $"the connection to {Server} was lost: {reason.Message}", reason);
        foreach (var reply in pending)
            reply.OnFailure(lost);
        foreach (var first in _jobs.Values)
        {
            foreach (var job in first.Twins ?? [first])
                job.OnFailure(lost);
        }

        _jobs.Clear();
    }

    private void OnUpdate(in IncomingPacket packet)
    {
        var arguments = new PacketArguments(packet.Body);
        if (!arguments.TryNext(out var handle))
            throw new GearmanProtocolException($"{packet.Type} without a handle");
        if (Find(handle) is not { } job)
            return;
        if (job.Twins is { } twins)
        {
            job.NextTwin = (job.NextTwin + 1) % twins.Count;
            job = twins[job.NextTwin];
        }

        if (packet.Type == PacketType.WorkStatus)
            job.OnProgress(ServerReplies.ToProgress(arguments));
        else if (packet.Type == PacketType.WorkData)
            job.OnData(packet, arguments.Last.Length);
        else
            job.OnWarning(packet, arguments.Last.Length);
    }

    /// <summary>The end comes once for each twin, but it is the same end: the first one ends them all.</summary>
    private void OnEnd(in IncomingPacket packet)
    {
        var arguments = new PacketArguments(packet.Body);
        // WORK_FAIL has the handle alone; some servers end it with a zero byte.
        if (!arguments.TryNext(out var handle))
            handle = arguments.Last;
        if (Find(handle) is not { } first)
            return;
        _jobs.Remove(first.Handle.Text);
        foreach (var job in first.Twins ?? [first])
        {
            if (packet.Type == PacketType.WorkComplete)
                job.OnComplete(first.Twins is null ? packet.Detach(arguments.Last.Length) : arguments.Last.ToArray());
            else if (packet.Type == PacketType.WorkException)
                job.Fail(new JobFaultException(packet.Detach(arguments.Last.Length)) { Handle = job.Handle });
            else
                job.Fail(new JobFailedException($"job {job.Handle} failed") { Handle = job.Handle });
        }
    }

    private ForegroundJob? Find(ReadOnlySpan<byte> handle)
    {
        if (handle.Length > MaxHandleBytes)
            throw new GearmanProtocolException($"a job handle of {handle.Length} bytes");
        Span<char> text = stackalloc char[MaxHandleBytes];
        var length = Encoding.UTF8.GetChars(handle, text);
        return _jobsByText.TryGetValue(text[..length], out var job) ? job : null;
    }

    private void Enqueue(PendingReply reply)
    {
        reply.AskedAt = Options.TimeProvider.GetTimestamp();
        _pending.Enqueue(reply);
    }

    /// <summary>Stays in the queue until its answer has proved to be one, so that it fails with the connection otherwise.</summary>
    private PendingReply Oldest()
    {
        lock (_connection.Gate)
        {
            return _pending.TryPeek(out var reply)
                ? reply
                : throw new GearmanProtocolException("an answer that nobody asked for");
        }
    }

    private void Dequeue()
    {
        lock (_connection.Gate)
            _pending.Dequeue();
    }

    /// <summary>Closes the connection when an answer is missing; asks for an echo when nothing came for long.</summary>
    private void Watch()
    {
        PendingReply? oldest;
        lock (_connection.Gate)
            _pending.TryPeek(out oldest);
        if (oldest is not null)
        {
            if (_connection.SilenceSince(oldest.AskedAt) > Options.RequestTimeout)
                Close(new GearmanTimeoutException($"an answer of {Server}", Options.RequestTimeout));
            return;
        }

        if (Options.KeepAliveInterval == Timeout.InfiniteTimeSpan
            || Options.TimeProvider.GetElapsedTime(_connection.LastReceived) < Options.KeepAliveInterval)
        {
            return;
        }

        if (IsAlive && Interlocked.Exchange(ref _keepAliveAsked, 1) == 0)
            _ = KeepAliveAsync();
    }

    private async Task KeepAliveAsync()
    {
        try
        {
            await AskAsync(PacketType.EchoReq, "keep-alive"u8, PacketType.EchoRes, static (in _) => true);
        }
        catch (GearmanException)
        {
            // The connection has ended, and whoever uses it knows.
        }
        finally
        {
            Volatile.Write(ref _keepAliveAsked, 0);
        }
    }
}
