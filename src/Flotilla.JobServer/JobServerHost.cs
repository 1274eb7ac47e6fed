using System.Diagnostics;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Flotilla.Gearman.Protocol;
using Flotilla.JobServer.Core;
using Flotilla.JobServer.Hosting;
using Flotilla.JobServer.Http;
using Flotilla.Primitives;
using Flotilla.Sockets;

namespace Flotilla.JobServer;

/// <summary>
/// A job server inside this process. All members may be used from any thread.
/// <code>await using var server = await JobServerHost.StartAsync(new JobServerOptions(), cancellationToken);</code>
/// </summary>
public sealed class JobServerHost : IAsyncDisposable
{
    /// <summary>How long connections may take to be told goodbye at the end.</summary>
    private static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(2);

    /// <summary>How long clients are kept for what the store has to say; what it was given is committed however long that takes.</summary>
    private static readonly TimeSpan StoreTimeout = TimeSpan.FromSeconds(30);

    private readonly JobServerOptions _options;
    private readonly MachineGate _gate;
    private readonly StorePump? _store;
    private readonly List<ServerLoop> _loops = [];
    private readonly List<SocketListener> _listeners = [];
    private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly SemaphoreSlim _stopping = new(1, 1);
    private bool _isStopped;

    private JobServerHost(JobServerOptions options)
    {
        _options = options;
        _store = options.Store is { } store ? new StorePump(store, options) : null;
        var machine = CompleteMachineOptions(options);
        HandlePrefix = machine.HandlePrefix;
        _gate = new MachineGate(new JobMachine(machine), options, _store);
    }

    /// <summary>What handles of this server begin with, before a colon and the number.</summary>
    public string HandlePrefix { get; }

    /// <summary>Where it listens, in the order of the options, with the ports that were really given.</summary>
    public IReadOnlyList<EndPoint> Endpoints => [.. _listeners.Select(listener => listener.EndPoint)];

    /// <summary>Ends when the server has stopped; faults when it failed: then it has stopped serving and should be disposed.</summary>
    public Task Completion => _completion.Task;

    /// <summary>Opens the store, reads it back, and listens.</summary>
    /// <exception cref="ArgumentException">The options cannot be used; the message lists all problems.</exception>
    /// <exception cref="JobStoreException">The store cannot be opened.</exception>
    /// <exception cref="System.Net.Sockets.SocketException">An address cannot be had.</exception>
    public static async Task<JobServerHost> StartAsync(JobServerOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        var problems = options.Validate();
        if (problems.Count > 0)
            throw new ArgumentException(string.Join("; ", problems), nameof(options));
        var host = new JobServerHost(options);
        try
        {
            await host.OpenStoreAsync(cancellationToken);
            host.Listen();
            return host;
        }
        catch
        {
            await host.DisposeAsync();
            throw;
        }
    }

    /// <summary>A copy of the state; holds the server up for a walk over its functions.</summary>
    public ServerSnapshot Snapshot()
    {
        lock (_gate.Lock)
            return _gate.Machine.Snapshot();
    }

    /// <summary>Runs one text command as a trusted connection of this process, and returns the answer as it stands.</summary>
    /// <param name="line">The command, without a line end.</param>
    /// <param name="cancellationToken">Ends the wait, not the command.</param>
    public async Task<string> ExecuteAdminAsync(string line, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(line);
        return Encoding.UTF8.GetString(await AskAsync((peer, nowMs) => peer.Ask(Encoding.UTF8.GetBytes(line), nowMs), cancellationToken));
    }

    /// <summary>
    /// Steps one packet as of a trusted connection of this process, and returns the packets that answered it, as they stand. The
    /// connection ends with the answer: for packets that are answered at once or by the store, not for foreground jobs.
    /// </summary>
    /// <param name="type">The packet.</param>
    /// <param name="body">Its arguments.</param>
    /// <param name="cancellationToken">Ends the wait, not what the packet began.</param>
    public Task<byte[]> ExecutePacketAsync(PacketType type, ReadOnlyMemory<byte> body, CancellationToken cancellationToken = default)
        => AskAsync((peer, nowMs) => peer.Ask(type, body.Span, nowMs), cancellationToken);

    /// <summary>
    /// Stops. With <paramref name="drain"/> it first accepts no more connections and hands out no more jobs, and waits for the
    /// running ones up to <see cref="JobServerOptions.DrainTimeout"/>. Either way what clients were told is kept: everything stored is
    /// committed and every answer is sent before connections end.
    /// </summary>
    public async Task StopAsync(bool drain, CancellationToken cancellationToken = default)
    {
        await _stopping.WaitAsync(cancellationToken);
        try
        {
            if (_isStopped)
                return;
            _listeners.ForEach(listener => listener.Close());
            if (drain && !Completion.IsFaulted)
                await DrainAsync(cancellationToken);
            await ShutDownAsync();
        }
        finally
        {
            _stopping.Release();
        }
    }

    /// <summary>Stops without waiting for running jobs.</summary>
    public async ValueTask DisposeAsync() => await StopAsync(drain: false);

    private async Task<byte[]> AskAsync(Action<LocalPeer, long> ask, CancellationToken cancellationToken)
    {
        var loop = _loops[0];
        var peer = new LocalPeer(loop, _gate);
        lock (_gate.Lock)
        {
            ObjectDisposedException.ThrowIf(_isStopped, this);
            var nowMs = _gate.NowMs();
            _gate.Begin(peer, LocalPeer.Info, nowMs);
            ask(peer, nowMs);
        }

        loop.PostWake();
        return await peer.Answer.WaitAsync(cancellationToken);
    }

    private static JobMachineOptions CompleteMachineOptions(JobServerOptions options)
    {
        var defaults = new JobMachineOptions();
        var given = options.Machine;
        var memory = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        return given with
        {
            HandlePrefix = given.HandlePrefix == defaults.HandlePrefix
                ? JobMachineOptions.HandlePrefixFor(Environment.MachineName)
                : given.HandlePrefix,
            ProcessId = given.ProcessId == 0 ? Environment.ProcessId : given.ProcessId,

            // A thousand numbers per millisecond: more than a server gives, so that a restart never repeats one.
            FirstJobId = given.FirstJobId == defaults.FirstJobId
                ? (ulong)options.Time.GetUtcNow().ToUnixTimeMilliseconds() * 1000
                : given.FirstJobId,
            HashSeed = given.HashSeed == 0 ? BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(8)) : given.HashSeed,
            IsDurable = options.Store is not null,
            JobMemoryBytesMax = options.JobMemoryLimitBytes > 0 ? options.JobMemoryLimitBytes
                : given.JobMemoryBytesMax > 0 ? given.JobMemoryBytesMax : memory / 4 * 3,
            OutputBytesMax = options.OutputLimitBytes + options.MaxPacketBytes,
            SecretHash = options.SharedSecret is { } secret ? JobMachineOptions.HashSecret(secret) : given.SecretHash,
        };
    }

    private async Task OpenStoreAsync(CancellationToken cancellationToken)
    {
        if (_store is null || _options.Store is not { } store)
            return;
        var started = Stopwatch.GetTimestamp();
        var replay = new ReplaySink(_gate, _options);
        await Task.Run(async () => await store.OpenAsync(replay, cancellationToken), cancellationToken);
        replay.SkipIdsUpTo(store.HighestId);
        Log.StoreOpened(
            _options.Logger, store.Description, replay.Records, (long)Stopwatch.GetElapsedTime(started).TotalMilliseconds);
    }

    private void Listen()
    {
        var count = _options.Threads > 0 ? _options.Threads : Math.Clamp(Environment.ProcessorCount / 4, 1, 8);
        var receiveLimit = _options.ReceiveLimitBytes > 0 ? _options.ReceiveLimitBytes : ShareOfMemory(16);
        var bodies = new BodyBudget(_options.Http.MaxBodiesBytes > 0 ? _options.Http.MaxBodiesBytes : ShareOfMemory(16));
        var outputLimit = ShareOfMemory(8);
        for (var i = 0; i < count; i++)
            _loops.Add(new ServerLoop(_options, _gate, bodies, count == 1, OnFailed));
        for (var i = 0; i < count; i++)
        {
            _loops[i].Meet(_loops);
            _loops[i].Start(new SocketLoopOptions
            {
                Name = $"jobserver-{i}",
                Kind = _options.Sockets,
                OutputPauseBytes = _options.OutputPauseBytes,
                OutputLimitBytes = _options.OutputLimitBytes,
                OutputTotalLimitBytes = outputLimit / count,
                ReceiveLimitBytes = receiveLimit / count,
            });
        }

        _store?.Start(_gate, answer => _loops[0].Sockets.Post(answer));
        _ = _store?.Running.ContinueWith(
            pump => OnFailed(pump.Exception!.GetBaseException()), CancellationToken.None,
            TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        foreach (var listener in _options.Listeners)
            Listen(listener);
        Log.ServerStarted(
            _options.Logger, _options.Machine.Version, Environment.MachineName, _options.Store?.Description ?? "memory");
    }

    private static long ShareOfMemory(int divisor)
        => Math.Max(16L * 1024 * 1024, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / divisor);

    private void Listen(JobServerListener listener)
    {
        var added = _loops[0].Sockets.Listen(new SocketListenerOptions
        {
            EndPoint = listener.EndPoint,
            State = listener,
            Backlog = _options.Backlog,
            KeepAlive = _options.KeepAlive,
            Tls = listener.Tls?.Load(),
            HandshakeTimeout = _options.HandshakeTimeout,
            Targets = [.. _loops.Select(loop => loop.Sockets)],
        });
        _listeners.Add(added);
        Log.ListenerStarted(
            _options.Logger, listener.Protocol + (listener.Tls is null ? "" : " over TLS"), added.EndPoint.ToString()!);
    }

    private async Task DrainAsync(CancellationToken cancellationToken)
    {
        var drained = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate.Lock)
        {
            _gate.Drained = drained;
            _gate.Machine.Step(JobServerInput.Draining(_gate.NowMs()), _gate);
            Log.ServerDraining(_options.Logger, _gate.Machine.RunningJobs);
        }

        _loops[0].PostWake();
        try
        {
            await Task.WhenAny(drained.Task, Completion).WaitAsync(_options.DrainTimeout, _options.Time, cancellationToken);
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            Log.DrainEnded(_options.Logger, Snapshot().RunningJobs);
        }
    }

    private async Task ShutDownAsync()
    {
        if (!Completion.IsFaulted)
        {
            StepStopping();
            var given = _store?.LastSequence ?? 0;
            await WaitAsync(() => (_store?.AnsweredSequence ?? 0) >= given, StoreTimeout);
            _loops.ForEach(loop => loop.Sockets.Post(CloseAll.Instance));
            await WaitAsync(() => !_gate.Connections().OfType<SocketPeer>().Any(), CloseTimeout);
        }

        lock (_gate.Lock)
            _isStopped = true;
        foreach (var loop in _loops.Where(loop => loop.Sockets is not null))
            await loop.Sockets.DisposeAsync();
        lock (_gate.Lock)
        {
            foreach (var peer in _gate.Connections().OfType<LocalPeer>())
                peer.Abandon();
        }

        if (_store is not null)
            await _store.DisposeAsync();
        _completion.TrySetResult();
        Log.ServerStopped(_options.Logger);
    }

    /// <summary>From now on a connection that ends is no fault of its jobs.</summary>
    private void StepStopping()
    {
        lock (_gate.Lock)
            _gate.Machine.Step(JobServerInput.Stopping(_gate.NowMs()), _gate);
    }

    /// <summary>Waits for something the loops bring about; a server that is going down does not hurry by milliseconds.</summary>
    private async Task WaitAsync(Func<bool> condition, TimeSpan timeout)
    {
        var patience = Stopwatch.StartNew();
        while (patience.Elapsed < timeout && !Completion.IsFaulted)
        {
            lock (_gate.Lock)
            {
                if (condition())
                    return;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(2), _options.Time);
        }
    }

    /// <summary>A loop or the store pump broke: its state is not to be trusted, nothing more is served.</summary>
    private void OnFailed(Exception failure)
    {
        if (!_completion.TrySetException(failure))
            return;
        Log.ServerFailed(_options.Logger, failure);
        try
        {
            StepStopping();
        }
        catch (InvariantViolationException)
        {
            // The machine is what broke; the failure is reported already.
        }

        _listeners.ForEach(listener => listener.Close());
        _loops.ForEach(loop => loop.Sockets?.Stop());
    }
}
