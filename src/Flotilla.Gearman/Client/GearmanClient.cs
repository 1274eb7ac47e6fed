using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using Flotilla.Gearman.Client;
using Flotilla.Gearman.Protocol;
using Microsoft.Extensions.Logging;

namespace Flotilla.Gearman;

/// <summary>
/// Submits jobs to a list of Gearman job servers. One connection per server, opened when first needed, carries any number of requests at
/// once. Thread-safe: one client serves a whole program.
/// </summary>
/// <remarks>
/// Every method may throw <see cref="NoServerException"/> (no server could be reached), <see cref="GearmanServerException"/> (it refused),
/// <see cref="ConnectionLostException"/> and <see cref="OperationCanceledException"/>.
/// </remarks>
public sealed class GearmanClient : IAsyncDisposable
{
    private readonly ClientServer[] _servers;
    private readonly ServerOrder _order;
    private readonly ServerOptionNames _serverOptions;
    private readonly ILogger _logger;
    private volatile bool _disposed;

    /// <summary>Checks the options; connects when first used.</summary>
    /// <exception cref="GearmanOptionsException">The options have problems.</exception>
    public GearmanClient(GearmanClientOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        Options = options;
        _logger = options.LoggerFactory.CreateLogger("Flotilla.Gearman.Client");
        _serverOptions = new ServerOptionNames(options.ServerOptions);
        _servers = [.. options.Servers.Select(address => new ClientServer(address, options, _serverOptions, _logger))];
        _order = new ServerOrder(_servers, options.Selection);
    }

    /// <summary>A client with default options.</summary>
    public GearmanClient(params GearmanAddress[] servers)
        : this(new GearmanClientOptions { Servers = servers })
    {
    }

    public GearmanClientOptions Options { get; }

    /// <summary>Submits a foreground job and waits for its result.</summary>
    /// <exception cref="JobFailedException">The job failed; <see cref="JobFaultException"/> when its worker said why.</exception>
    /// <exception cref="GearmanTimeoutException">It took longer than the request allows.</exception>
    /// <exception cref="JobBufferOverflowException">It sent more partial data than the options allow.</exception>
    public async Task<JobResult> SubmitAsync(JobRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        request.Validate();
        using var timeout = StartTimeout(request);
        for (var resubmits = 0; ; resubmits++)
        {
            var job = await SendInTimeAsync(request, streaming: false, timeout, cancellationToken);
            using var abandoned = AbandonOn(job, cancellationToken);
            using var timedOut = AbandonOnTimeout(job, request, timeout);
            try
            {
                return await job.Completion;
            }
            catch (ConnectionLostException lost) when (MayResubmit(lost, resubmits))
            {
                Log.JobResubmitted(_logger, request.Function, lost.Server);
            }
        }
    }

    /// <inheritdoc cref="SubmitAsync(JobRequest, CancellationToken)"/>
    public Task<JobResult> SubmitAsync(string function, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken = default)
        => SubmitAsync(new JobRequest(function, payload), cancellationToken);

    /// <summary>Submits a foreground job and returns when a server has accepted it.</summary>
    /// <remarks>The token and the request's timeout also end the wait for the job itself.</remarks>
    public async Task<GearmanJob> StartAsync(JobRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        request.Validate();
        var timeout = StartTimeout(request);
        try
        {
            return await StartAsync(request, timeout, cancellationToken);
        }
        catch
        {
            timeout?.Dispose();
            throw;
        }
    }

    private async Task<GearmanJob> StartAsync(JobRequest request, CancellationTokenSource? timeout, CancellationToken cancellationToken)
    {
        for (var resubmits = 0; ; resubmits++)
        {
            var job = await SendInTimeAsync(request, streaming: true, timeout, cancellationToken);
            var abandoned = AbandonOn(job, cancellationToken);
            var timedOut = AbandonOnTimeout(job, request, timeout);
            await job.Created;
            if (job.Handle.Text.Length > 0)
            {
                DisposeAtEnd(job, abandoned, timedOut, timeout);
                return new GearmanJob(this, job);
            }

            await abandoned.DisposeAsync();
            await timedOut.DisposeAsync();
            try
            {
                await job.Completion;
            }
            catch (ConnectionLostException lost) when (MayResubmit(lost, resubmits))
            {
                Log.JobResubmitted(_logger, request.Function, lost.Server);
            }
        }
    }

    /// <summary>Submits a foreground job and gives everything it sends; the last update has the result.</summary>
    /// <remarks>Leaving the loop early abandons the job.</remarks>
    public async IAsyncEnumerable<JobUpdate> StreamAsync(
        JobRequest request, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var job = await StartAsync(request, cancellationToken);
        try
        {
            await foreach (var update in job.ReadUpdatesAsync(CancellationToken.None))
                yield return update;
        }
        finally
        {
            job.Abandon();
        }
    }

    /// <summary>Submits a job that nobody waits for; returns its handle when the server has it (Flotilla's server: on disk).</summary>
    public Task<JobHandle> SubmitBackgroundAsync(JobRequest request, CancellationToken cancellationToken = default)
        => SubmitDetachedAsync(request, SubmitPacket.Background(request), SubmitPacket.ReduceArguments(request), cancellationToken);

    /// <inheritdoc cref="SubmitBackgroundAsync(JobRequest, CancellationToken)"/>
    public Task<JobHandle> SubmitBackgroundAsync(string function, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken = default)
        => SubmitBackgroundAsync(new JobRequest(function, payload), cancellationToken);

    /// <summary>Submits a background job that runs at <paramref name="due"/> or soon after (SUBMIT_JOB_EPOCH).</summary>
    /// <remarks>Flotilla's server keeps milliseconds; gearmand reads whole seconds and may start up to one second early.</remarks>
    public Task<JobHandle> ScheduleAsync(JobRequest request, DateTimeOffset due, CancellationToken cancellationToken = default)
    {
        RequireNormal(request);
        var ms = Math.Max(0, due.ToUnixTimeMilliseconds());
        var seconds = ms % 1000 == 0
            ? (ms / 1000).ToString(CultureInfo.InvariantCulture)
            : string.Create(CultureInfo.InvariantCulture, $"{ms / 1000}.{ms % 1000:000}");
        return SubmitDetachedAsync(request, PacketType.SubmitJobEpoch, [seconds], cancellationToken);
    }

    /// <summary>Submits a job that recurs (SUBMIT_JOB_SCHED); only Flotilla's server can. The handle is the schedule's: cancel it to end it.</summary>
    public Task<JobHandle> ScheduleAsync(JobRequest request, CronSchedule schedule, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(schedule);
        RequireNormal(request);
        return SubmitDetachedAsync(request, PacketType.SubmitJobSched, schedule.Fields(), cancellationToken);
    }

    /// <summary>Asks the handle's server; for a handle without one all servers, the first that knows it answering.</summary>
    public async Task<JobStatus> GetStatusAsync(JobHandle handle, CancellationToken cancellationToken = default)
    {
        JobRequest.RequireName(handle.Text, 256, nameof(handle));
        var body = Encoding.UTF8.GetBytes(handle.Text);
        return await AskInTurnAsync(
            handle.Server,
            session => session.AskAsync(PacketType.GetStatus, body, PacketType.StatusRes, ServerReplies.ToStatus),
            static status => status.IsKnown,
            cancellationToken);
    }

    /// <summary>Asks all servers for a job with this unique key (of any function); the first that knows one answers.</summary>
    public async Task<JobStatus> GetStatusByUniqueAsync(string unique, CancellationToken cancellationToken = default)
    {
        JobRequest.RequireName(unique, JobRequest.MaxUniqueBytes, nameof(unique));
        var body = Encoding.UTF8.GetBytes(unique);
        return await AskInTurnAsync(
            null,
            session => session.AskAsync(PacketType.GetStatusUnique, body, PacketType.StatusResUnique, ServerReplies.ToStatusByUnique),
            static status => status.IsKnown,
            cancellationToken);
    }

    /// <summary>Has bytes sent back by <paramref name="server"/>, or by the first that lives.</summary>
    public async Task<ReadOnlyMemory<byte>> EchoAsync(
        ReadOnlyMemory<byte> payload, GearmanAddress? server = null, CancellationToken cancellationToken = default)
    {
        var session = server is null ? await AcquireAsync(null, cancellationToken) : (await SessionsAsync(server, cancellationToken))[0];
        return await session.AskAsync(PacketType.EchoReq, payload.Span, PacketType.EchoRes, static (in packet) => packet.Detach(packet.Body.Length))
            .WaitAsync(cancellationToken);
    }

    /// <summary>Asks all servers for an option now, and each later connection.</summary>
    /// <exception cref="GearmanServerException">A server that is connected does not know it; then later connections don't ask.</exception>
    public async Task SetOptionAsync(string option, CancellationToken cancellationToken = default)
    {
        JobRequest.RequireName(option, 256, nameof(option));
        foreach (var session in await SessionsAsync(null, cancellationToken))
            await session.SetOptionAsync(option).WaitAsync(cancellationToken);
        _serverOptions.Add(option);
    }

    /// <summary>
    /// Cancels a job, queued or running, or a schedule. False when no server knows it. gearmand lets a running job run on; Flotilla's server
    /// also tells workers that asked for it.
    /// </summary>
    public async Task<bool> CancelAsync(JobHandle handle, CancellationToken cancellationToken = default)
    {
        JobRequest.RequireName(handle.Text, 256, nameof(handle));
        var line = await AskInTurnAsync(
            handle.Server,
            session => session.AskLineAsync($"cancel job {handle.Text}"),
            static line => !line.StartsWith("ERR UNKNOWN_JOB", StringComparison.Ordinal),
            cancellationToken);
        if (line.StartsWith("OK", StringComparison.Ordinal))
            return true;
        return line.StartsWith("ERR UNKNOWN_JOB", StringComparison.Ordinal) ? false : throw ServerReplies.ToException(line);
    }

    /// <summary>Closes all connections. Whoever still waits gets <see cref="ObjectDisposedException"/>.</summary>
    public async ValueTask DisposeAsync()
    {
        _disposed = true;
        foreach (var server in _servers)
            await server.CloseAsync();
    }

    private static void RequireNormal(JobRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (request.Priority != JobPriority.Normal || request.Reducer is not null)
            throw new ArgumentException("scheduled jobs have normal priority and no reducer", nameof(request));
    }

    private static CancellationTokenRegistration AbandonOn(ForegroundJob job, CancellationToken cancellationToken)
        => cancellationToken.UnsafeRegister(
            static (state, token) => ((ForegroundJob)state!).Abandon(new OperationCanceledException(token)), job);

    private static CancellationTokenRegistration AbandonOnTimeout(ForegroundJob job, JobRequest request, CancellationTokenSource? timeout)
        => timeout is null
            ? default
            : timeout.Token.UnsafeRegister(
                _ => job.Abandon(new GearmanTimeoutException($"a job of {request.Function}", request.Timeout!.Value)), null);

    private static void DisposeAtEnd(
        ForegroundJob job, CancellationTokenRegistration abandoned, CancellationTokenRegistration timedOut, CancellationTokenSource? timeout)
        => _ = job.Completion.ContinueWith(
            _ =>
            {
                abandoned.Unregister();
                timedOut.Unregister();
                timeout?.Dispose();
            },
            CancellationToken.None,
            TaskContinuationOptions.None,
            TaskScheduler.Default);

    private CancellationTokenSource? StartTimeout(JobRequest request)
        => request.Timeout is { } timeout ? new CancellationTokenSource(timeout, Options.TimeProvider) : null;

    private bool MayResubmit(ConnectionLostException lost, int resubmits)
        => !_disposed && resubmits < Options.MaxResubmits && Options.Resubmit switch
        {
            ResubmitPolicy.Never => false,
            ResubmitPolicy.UntilAccepted => !lost.WasAccepted,
            ResubmitPolicy.UntilCompleted => true,
            _ => throw new InvalidOperationException($"policy {Options.Resubmit} is none of the three"),
        };

    /// <summary>The request's timeout also covers the search for a server and the wait for room.</summary>
    private async ValueTask<ForegroundJob> SendInTimeAsync(
        JobRequest request, bool streaming, CancellationTokenSource? timeout, CancellationToken cancellationToken)
    {
        if (timeout is null)
            return await SendAsync(request, streaming, cancellationToken);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        try
        {
            return await SendAsync(request, streaming, either.Token);
        }
        catch (OperationCanceledException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw new GearmanTimeoutException($"a job of {request.Function}", request.Timeout!.Value);
        }
    }

    private async ValueTask<ForegroundJob> SendAsync(JobRequest request, bool streaming, CancellationToken cancellationToken)
    {
        while (true)
        {
            var session = await AcquireAsync(request, cancellationToken);
            await session.WaitForRoomAsync(cancellationToken);
            var job = new ForegroundJob(session, request, streaming);
            if (session.TrySubmit(job, request))
                return job;
        }
    }

    private async Task<JobHandle> SubmitDetachedAsync(
        JobRequest request, PacketType type, string[] between, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        request.Validate();
        for (var resubmits = 0; ; resubmits++)
        {
            var session = await AcquireAsync(request, cancellationToken);
            await session.WaitForRoomAsync(cancellationToken);
            var reply = new PendingAnswer<JobHandle>(
                PacketType.JobCreated, (in packet) => new JobHandle(Encoding.UTF8.GetString(packet.Body), session.Server));
            if (!session.TrySubmitDetached(type, request, between, reply))
                continue;
            try
            {
                return await reply.Answer.WaitAsync(cancellationToken);
            }
            catch (ConnectionLostException lost) when (MayResubmit(lost, resubmits))
            {
                Log.JobResubmitted(_logger, request.Function, lost.Server);
            }
        }
    }

    /// <summary>A live connection to the server that is best for the request.</summary>
    private ValueTask<ClientSession> AcquireAsync(JobRequest? request, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        var order = _order.For(request);
        return order[0].Live is { } live
            ? new ValueTask<ClientSession>(live)
            : new ValueTask<ClientSession>(FailOverAsync(order.ToArray(), cancellationToken));
    }

    private async Task<ClientSession> FailOverAsync(ClientServer[] order, CancellationToken cancellationToken)
    {
        var began = Options.TimeProvider.GetTimestamp();
        while (true)
        {
            foreach (var server in order)
            {
                if (server.Live is { } live)
                    return live;
                if (server.BackOffLeft > TimeSpan.Zero)
                    continue;
                try
                {
                    var connecting = server.ConnectAsync();
                    // A server that failed before is tried while another one that lives takes the request.
                    if (server.IsSuspect && Array.Find(order, other => other.Live is not null)?.Live is { } other)
                        return Observed(connecting, other);
                    return await connecting.WaitAsync(cancellationToken);
                }
                catch (Exception failure) when (failure is not (OperationCanceledException or ObjectDisposedException))
                {
                    // Remembered by the server itself; the next one is tried.
                }
            }

            ObjectDisposedException.ThrowIf(_disposed, this);
            var wait = order.Min(server => server.BackOffLeft);
            if (Options.TimeProvider.GetElapsedTime(began) + wait >= Options.FailoverTimeout)
                throw NoServer(order);
            await Task.Delay(wait + TimeSpan.FromMilliseconds(1), Options.TimeProvider, cancellationToken);
        }
    }

    private static ClientSession Observed(Task connecting, ClientSession other)
    {
        _ = connecting.ContinueWith(
            static task => _ = task.Exception, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        return other;
    }

    private static NoServerException NoServer(ClientServer[] order)
    {
        var reasons = order.Select(server => server.LastFailure).OfType<Exception>().ToList();
        var words = string.Join("; ", order.Select(server => $"{server.Address}: {server.LastFailure?.Message ?? "not connected"}"));
        return new NoServerException($"no job server could be reached ({words})", reasons);
    }

    /// <summary>
    /// Asks one server after another until one knows. A connection that ends is passed over; only when nobody else knows is its loss told,
    /// because its server might have known.
    /// </summary>
    private async Task<T> AskInTurnAsync<T>(
        GearmanAddress? only, Func<ClientSession, Task<T>> ask, Func<T, bool> knows, CancellationToken cancellationToken)
    {
        ConnectionLostException? lost = null;
        var answer = default(T)!;
        foreach (var session in await SessionsAsync(only, cancellationToken))
        {
            try
            {
                answer = await ask(session).WaitAsync(cancellationToken);
                if (knows(answer))
                    return answer;
            }
            catch (ConnectionLostException failure)
            {
                lost = failure;
            }
        }

        return lost is null ? answer : throw lost;
    }

    /// <summary>The session of one server, or those of all that can be reached.</summary>
    private async Task<IReadOnlyList<ClientSession>> SessionsAsync(GearmanAddress? only, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        var wanted = only is null ? _servers : Array.FindAll(_servers, server => server.Address == only);
        if (wanted.Length == 0)
            throw new ArgumentException($"{only} is not among the servers of this client", nameof(only));
        if (wanted.Length == 1)
            return [await FailOverAsync(wanted, cancellationToken)];
        var sessions = new List<ClientSession>(wanted.Length);
        var attempts = wanted.Where(server => server.Live is not null || server.BackOffLeft == TimeSpan.Zero)
            .Select(server => server.ConnectAsync()).ToList();
        foreach (var attempt in attempts)
        {
            try
            {
                sessions.Add(await attempt.WaitAsync(cancellationToken));
            }
            catch (Exception failure) when (failure is not (OperationCanceledException or ObjectDisposedException))
            {
                // Remembered by the server itself; the others are asked.
            }
        }

        return sessions.Count > 0 ? sessions : throw NoServer(wanted);
    }
}
