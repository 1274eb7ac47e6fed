using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Net;
using Flotilla.Groups.Core;
using Flotilla.Groups.Discovery;
using Flotilla.Groups.Hosting;
using Flotilla.Groups.Transport;
using Microsoft.Extensions.Logging;

namespace Flotilla.Groups;

/// <summary>
/// A node of a cluster, in this process; there may be several. All members may be called from any thread. Dispose it to leave in good order.
/// See docs/guides/groups.md.
/// </summary>
public sealed class GroupNode : IAsyncDisposable
{
    /// <summary>Room for a burst, and for the pieces of a state on their way.</summary>
    private const long MinBacklogBytes = 1 << 20;

    private static readonly TimeSpan s_farewell = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<string, Group> _groups = new(StringComparer.Ordinal);
    private readonly NodeDispatcher _dispatcher;
    private readonly ILogger _logger;
    private NodeRuntime _runtime = null!;
    private int _isDeciding;
    private Task _happenings = Task.CompletedTask;
    private TaskCompletionSource _viewChanged = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private GroupNode(GroupOptions options)
    {
        Options = options;
        _logger = options.Logger;
        _dispatcher = new NodeDispatcher(this, options.Logger, sendBudgetBytes: 8 << 20);
        Locks = new GroupLocks(this, _dispatcher);
    }

    public GroupOptions Options { get; }

    public string Name => Options.Name;

    /// <summary>Where it listens, with the port that was really given.</summary>
    public IPEndPoint EndPoint => _runtime.EndPoint;

    /// <summary>What other nodes and clients connect to.</summary>
    public string Address => _runtime.Address;

    /// <summary>This life of the node; changes when it is evicted and returns.</summary>
    public MemberId Id => _runtime.Self;

    /// <summary>The last view of the cluster installed here; null before the first.</summary>
    public ClusterView? View => _runtime.View;

    /// <summary>This node's right to act for its view, on its own monotonic clock; its epoch is a fencing token.</summary>
    public Lease Lease => _runtime.Lease;

    /// <summary>Whether this node may act for its view now. False in time before anybody else may, even when this process was paused.</summary>
    public bool IsPrimary => _runtime.IsPrimary;

    public GroupLocks Locks { get; }

    /// <summary>Ends when the node has stopped; faults when it failed.</summary>
    public Task Completion => _runtime.Completion;

    /// <summary>Ends when the log on disk failed, with why: from then on this node has no vote and promises nothing, until it is started again. Never ends otherwise.</summary>
    public Task<string> LogFailed => _runtime.LogFailed;

    /// <summary>A view of the cluster was installed. One after another, off the node's thread.</summary>
    public event Action<ClusterView>? ViewInstalled;

    /// <summary>This node may not act any more, before anybody else may: its lease ended, or it stopped (epoch 0). On the node's own thread: return at once.</summary>
    public event Action<ulong>? PrimaryLost;

    /// <summary>This life of the node is over; it returns by itself as another. On the node's own thread: return at once.</summary>
    public event Action<MemberId, string>? Evicted;

    /// <summary>Something in this program went wrong: a handler threw, a message could not be read. Also in the log.</summary>
    public event Action<GroupProblem>? Problem;

    /// <summary>What the node is about: whom it waits for, whom it suspects, which path was cut.</summary>
    public event Action<NodeEvent>? Happened;

    internal NodeDispatcher Dispatcher => _dispatcher;

    /// <summary>
    /// Starts a node and returns when it listens; it is a member of a cluster when <see cref="UntilMemberAsync"/> ends. Throws <see cref="ArgumentException"/>
    /// for options, <see cref="Storage.StorageException"/> for a data directory that can't be used, <see cref="System.Net.Sockets.SocketException"/> for an
    /// address that can't be had.
    /// </summary>
    public static async Task<GroupNode> StartAsync(GroupOptions options, CancellationToken cancellation = default)
    {
        if (options.HandlerBacklogBytes < MinBacklogBytes)
            throw new ArgumentException($"HandlerBacklogBytes is {options.HandlerBacklogBytes}, must be at least {MinBacklogBytes}", nameof(options));
        var node = new GroupNode(options);
        node._runtime = await NodeRuntime.StartAsync(ToRuntime(options), node._dispatcher, cancellation).ConfigureAwait(false);
        node._dispatcher.Runtime = node._runtime;
        node._happenings = node._dispatcher.RunAsync();
        return node;
    }

    /// <summary>The group of that name; the same object each time. Give it its handlers, then join it.</summary>
    public Group Group(string name) => _groups.GetOrAdd(name, static (name, node) => new Group(node, name), this);

    /// <summary>Joins several groups at one position of the log: all or none.</summary>
    public async Task JoinAsync(IReadOnlyCollection<Group> groups, CancellationToken cancellation = default)
    {
        Group[] all = [.. groups];
        foreach (var group in all)
            group.PrepareJoin();
        var pending = new JoinCommand(all, _dispatcher.SetNumber);
        _dispatcher.Do(new JoinGroup([.. all.Select(group => new GroupJoin(group.Name, group.StateKind) { Donors = group.Donors })]), pending);
        try
        {
            await pending.Ended.WaitAsync(cancellation).ConfigureAwait(false);
            foreach (var group in all)
                await group.Settled.Task.WaitAsync(cancellation).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            foreach (var group in all)
                _dispatcher.Do(new LeaveGroup(group.Number));
            throw;
        }
    }

    /// <summary>
    /// Goes on with this node alone, as a cluster of its own, whatever became of the others: for a person to decide, when a majority of the last view is lost for ever.
    /// The others' data directories stay those of the old cluster, and are refused by this one: what only they had is theirs. Wipe them to let those nodes join this one.
    /// Others that live go on without this node; epochs of the two are not comparable, so fence the others first where a fencing token guards anything.
    /// </summary>
    public async Task ForceBootstrapAsync(CancellationToken cancellation = default)
    {
        var pending = new SimpleCommand();
        _dispatcher.Do(new ForceBootstrap(), pending);
        await pending.Ended.WaitAsync(cancellation).ConfigureAwait(false);
    }

    /// <summary>Waits until this node is a member of a view.</summary>
    public Task UntilMemberAsync(CancellationToken cancellation = default) => UntilViewAsync(view => view.Contains(Id), cancellation);

    /// <summary>Waits for a view of the cluster as the condition wants it, the present one included.</summary>
    public async Task UntilViewAsync(Func<ClusterView, bool> condition, CancellationToken cancellation = default)
    {
        while (true)
        {
            var changed = Volatile.Read(ref _viewChanged);
            if (View is { } view && condition(view))
                return;
            await changed.Task.WaitAsync(cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>Leaves the cluster in good order, so that the others go on at once, and ends; at once when cancelled.</summary>
    public async Task StopAsync(CancellationToken cancellation = default)
    {
        await _runtime.StopAsync(cancellation).ConfigureAwait(false);
        await EndAsync().ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        using var farewell = new CancellationTokenSource(s_farewell);
        await StopAsync(farewell.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>Ends at once, as a crash would: the others find out.</summary>
    public async Task KillAsync()
    {
        await _runtime.DisposeAsync().ConfigureAwait(false);
        await EndAsync().ConfigureAwait(false);
    }

    private async Task EndAsync()
    {
        await _happenings.ConfigureAwait(false);
        foreach (var group in _groups.Values)
            group.Queue.End();
        // A handler that never returns must not keep the program from ending.
        await Task.WhenAll(_groups.Values.Select(group => group.Queue.Completion)).WaitAsync(s_farewell).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _runtime.DisposeAsync().ConfigureAwait(false);
    }

    internal void RaiseViewInstalled(ClusterView view)
    {
        Interlocked.Exchange(ref _viewChanged, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
        ViewInstalled?.Invoke(view);
    }

    internal void RaisePrimaryLost(ulong epoch)
    {
        Locks.LoseAll();
        PrimaryLost?.Invoke(epoch);
    }

    internal void RaiseEvicted(MemberId id, string why)
    {
        Locks.LoseAll();
        Evicted?.Invoke(id, why);
    }

    /// <summary>Half of the votes are silent: asks the program whether this half may go on.</summary>
    internal async Task BreakTieAsync(TieBreak tie)
    {
        if (Options.OnTie is not { } decide || Interlocked.Exchange(ref _isDeciding, 1) == 1)
            return;
        var isGranted = false;
        try
        {
            isGranted = await decide(tie).ConfigureAwait(false);
        }
        catch (Exception failure)
        {
            Log.HandlerFailed(_logger, "", "the decision of a tie threw: this half does not go on", failure);
        }

        _dispatcher.Do(new DecideTie(tie.Epoch, tie.Here, isGranted));
        Volatile.Write(ref _isDeciding, 0);
    }

    internal void RaiseHappened(in NodeEvent happened) => Happened?.Invoke(happened);

    internal void RaiseProblem(GroupProblem problem)
    {
        Log.HandlerFailed(_logger, problem.Group, problem.What, problem.Failure);
        try
        {
            Problem?.Invoke(problem);
        }
        catch (Exception failure)
        {
            Log.HandlerFailed(_logger, problem.Group, "the handler of problems threw", failure);
        }
    }

    private static NodeRuntimeOptions ToRuntime(GroupOptions options) => new()
    {
        Node = new NodeOptions
        {
            Name = options.Name,
            Address = options.Address,
            RandomSeed = 0,
            Founders = Founders(options),
            NeverVotes = options.NeverVotes,
            Weight = options.Weight,
            MaxVoters = options.MaxVoters,
            SuspectNs = (long)options.SuspectAfter.TotalNanoseconds,
            LeaseNs = (long)options.Lease.TotalNanoseconds,
            AlwaysWaitsForLeases = options.AlwaysWaitsForLeases,
            MaxMessageBytes = options.MaxMessageBytes,
            MaxLagBytes = Math.Max(64L << 20, options.MaxMessageBytes * 4L),
            LogOnDisk = options.LogOnDisk,
        },
        Listen = options.Listen,
        Discovery = options.Discovery ?? new HostListDiscovery(options.Seeds),
        DataDirectory = options.DataDirectory,
        Storage = options.Storage,
        Transport = new TransportOptions { Secret = options.Secret, Tls = options.Tls, AllowUnsecured = options.AllowUnsecured },
        Logger = options.Logger,
    };

    /// <summary>An empty address is this node's own, whatever it is.</summary>
    private static ImmutableArray<string> Founders(GroupOptions options) => options.Founding switch
    {
        Founding.Never => [],
        Founding.Alone => [""],
        _ => ["", .. options.Seeds],
    };
}
