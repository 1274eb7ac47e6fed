using Flotilla.Gearman.Worker;
using Microsoft.Extensions.Logging;

namespace Flotilla.Gearman;

/// <summary>
/// Takes jobs from all job servers of a list at once and does them with the handlers registered for their functions. Thread-safe.
/// </summary>
/// <remarks>
/// A worker keeps trying to reach servers that are away, for as long as it runs. When a connection is lost, its server gives the jobs that
/// ran to other workers: handlers must bear that a job is begun twice.
/// </remarks>
public sealed class GearmanWorker : IAsyncDisposable
{
    private readonly WorkerPool _pool;
    private readonly ILogger _logger;
    private readonly List<WorkerLane> _lanes = [];
    private readonly Dictionary<string, WorkerLane> _laneOf = new(StringComparer.Ordinal);
    private readonly TaskCompletionSource _connected = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task? _draining;
    private bool _started;

    /// <summary>Checks the options; connects when started.</summary>
    /// <exception cref="GearmanOptionsException">The options have problems.</exception>
    public GearmanWorker(GearmanWorkerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        Options = options;
        _logger = options.LoggerFactory.CreateLogger("Flotilla.Gearman.Worker");
        _pool = new WorkerPool(options, _logger);
    }

    /// <summary>A worker with default options.</summary>
    public GearmanWorker(params GearmanAddress[] servers)
        : this(new GearmanWorkerOptions { Servers = servers })
    {
    }

    public GearmanWorkerOptions Options { get; }

    public WorkerSnapshot Snapshot
    {
        get
        {
            lock (_pool.Gate)
            {
                var servers = _lanes.SelectMany(lane => lane.Sessions).Where(session => session.IsReady).Select(session => session.Server);
                return new WorkerSnapshot(_pool.Running, servers.Distinct().Count(), _pool.Completed, _pool.Lost, _pool.IsDraining);
            }
        }
    }

    /// <summary>Adds a function, before or after the start.</summary>
    /// <exception cref="ArgumentException">The name is empty, has a zero byte or is registered already; the options have problems.</exception>
    public GearmanWorker Register(string function, JobHandler handler, FunctionOptions? options = null)
    {
        JobRequest.RequireName(function, 8190, nameof(function));
        ArgumentNullException.ThrowIfNull(handler);
        options ??= new FunctionOptions();
        options.Validate();
        lock (_pool.Gate)
        {
            ObjectDisposedException.ThrowIf(_pool.IsDraining, this);
            if (_laneOf.ContainsKey(function))
                throw new ArgumentException($"{function} is registered already", nameof(function));
            var lane = LaneFor(options);
            var entry = new WorkerFunction(function, handler, options);
            lane.Functions.Add(function, entry);
            _laneOf.Add(function, lane);
            if (_started)
                StartLoops(lane);
            foreach (var session in lane.Sessions)
                session.Add(entry);
        }

        return this;
    }

    /// <summary>
    /// Takes a function back: no more of its jobs are asked for; the task ends when those that ran have ended and the servers know. Servers
    /// that assigned one in the meantime get its result too.
    /// </summary>
    /// <remarks>
    /// While jobs of it run, their connection asks for no job of the other functions that share it either (all without a limit of their
    /// own): give long functions that come and go a <see cref="FunctionOptions.MaxConcurrency"/>.
    /// </remarks>
    /// <exception cref="ArgumentException">It is not registered.</exception>
    public async Task UnregisterAsync(string function, CancellationToken cancellationToken = default)
    {
        WorkerFunction? entry;
        lock (_pool.Gate)
        {
            if (!_laneOf.TryGetValue(function, out var lane) || !lane.Functions.TryGetValue(function, out entry))
                throw new ArgumentException($"{function} is not registered", nameof(function));
            entry.IsRemoving = true;
            ContinueRemoval(entry);
        }

        await entry.Removed.WaitAsync(cancellationToken);
    }

    /// <summary>Begins to work and returns when one server has the worker's abilities. Needs a registered function to connect.</summary>
    public Task StartAsync(CancellationToken cancellationToken = default)
    {
        BeginWork();
        return _connected.Task.WaitAsync(cancellationToken);
    }

    /// <summary>
    /// Works until cancelled, then drains for up to <see cref="GearmanWorkerOptions.DrainTimeout"/>. Ends without an exception.
    /// </summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        BeginWork();
        await using (cancellationToken.UnsafeRegister(static state => ((TaskCompletionSource)state!).TrySetResult(), _stopped))
            await _stopped.Task;
        using var deadline = new CancellationTokenSource(Options.DrainTimeout, Options.TimeProvider);
        try
        {
            await DrainAsync(deadline.Token);
        }
        catch (OperationCanceledException)
        {
            // What still ran has been reported as lost.
        }
    }

    /// <summary>
    /// Takes no more jobs, finishes those that run, sends their results and leaves all servers. The worker can't be used any more.
    /// </summary>
    /// <remarks>
    /// A connection that slept while another of its jobs runs asks once more, so that no server counts on waking it; should a job come just
    /// then, it is done too.
    /// </remarks>
    /// <exception cref="OperationCanceledException">
    /// The token fired first: the tokens of running jobs have fired too, their results are dropped, their servers hand them to others.
    /// </exception>
    public async Task DrainAsync(CancellationToken cancellationToken = default)
    {
        var draining = BeginDrain();
        try
        {
            await draining.WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            Abort();
            throw;
        }
    }

    /// <summary>Stops at once: tokens of running jobs fire, connections are closed. Drain first to lose nothing.</summary>
    public async ValueTask DisposeAsync()
    {
        var draining = BeginDrain();
        Abort();
        Task[] loops;
        lock (_pool.Gate)
            loops = [.. _lanes.SelectMany(lane => lane.Loops)];
        await Task.WhenAll(loops);
        // Handlers that ignore their token are not waited for.
        _ = draining;
    }

    internal void OnConnected() => _connected.TrySetResult();

    /// <summary>Goes on with taking functions back where something has ended; under the gate.</summary>
    internal void ContinueRemovals(WorkerLane lane)
    {
        foreach (var function in lane.Functions.Values.Where(function => function.IsRemoving).ToList())
            ContinueRemoval(function);
    }

    internal void ContinueRemoval(WorkerFunction function)
    {
        if (!_laneOf.TryGetValue(function.Name, out var lane) || !lane.Functions.TryGetValue(function.Name, out var current)
            || !ReferenceEquals(current, function))
        {
            return;
        }

        var everywhere = true;
        foreach (var session in lane.Sessions.ToList())
            everywhere &= session.TryRemove(function);
        if (!everywhere)
            return;
        lane.Functions.Remove(function.Name);
        _laneOf.Remove(function.Name);
        function.SetRemoved();
        if (lane.Functions.Count == 0)
            StopLane(lane);
    }

    private static void StopLane(WorkerLane lane)
    {
        // Marked at once; whoever waits on the token goes on elsewhere, not under the gate.
        _ = lane.Stop.CancelAsync();
        foreach (var session in lane.Sessions.ToList())
            session.BeginDrain();
    }

    private WorkerLane LaneFor(FunctionOptions options)
    {
        var lane = options.MaxConcurrency is null ? _lanes.Find(lane => lane.IsShared && !lane.IsStopping) : null;
        if (lane is not null)
            return lane;
        lane = new WorkerLane(options.MaxConcurrency ?? int.MaxValue);
        _lanes.RemoveAll(old => old.IsStopping && old.Loops.TrueForAll(loop => loop.IsCompleted));
        _lanes.Add(lane);
        return lane;
    }

    private void BeginWork()
    {
        lock (_pool.Gate)
        {
            ObjectDisposedException.ThrowIf(_pool.IsDraining, this);
            _started = true;
            foreach (var lane in _lanes)
                StartLoops(lane);
        }
    }

    private void StartLoops(WorkerLane lane)
    {
        if (lane.Loops.Count > 0)
            return;
        foreach (var address in Options.Servers)
            lane.Loops.Add(Task.Run(new WorkerServer(this, _pool, lane, address).ServeAsync));
    }

    private Task BeginDrain()
    {
        lock (_pool.Gate)
        {
            if (_draining is not null)
                return _draining;
            _pool.IsDraining = true;
            _stopped.TrySetResult();
            Log.DrainBegan(_logger, _pool.Running);
            foreach (var lane in _lanes)
                StopLane(lane);
            return _draining = WhenDrainedAsync();
        }
    }

    private async Task WhenDrainedAsync()
    {
        await Task.Yield();
        await _pool.WhenQuiet();
        Task[] loops;
        lock (_pool.Gate)
            loops = [.. _lanes.SelectMany(lane => lane.Loops)];
        await Task.WhenAll(loops);
        Log.DrainEnded(_logger, 0);
    }

    private void Abort()
    {
        WorkerSession[] sessions;
        lock (_pool.Gate)
            sessions = [.. _lanes.SelectMany(lane => lane.Sessions)];
        foreach (var session in sessions)
        {
            session.Abort(JobLossReason.WorkerStopped);
            session.Close(new ObjectDisposedException(nameof(GearmanWorker)));
        }
    }
}
