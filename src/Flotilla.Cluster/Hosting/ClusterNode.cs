using System.Globalization;
using System.Text.Json;
using Flotilla.Cluster.Core;
using Flotilla.Cluster.Core.Commands;
using Flotilla.Cluster.Core.Inputs;
using Flotilla.Cluster.Lines;
using Flotilla.Cluster.Management;
using Flotilla.Cluster.Servers;
using Flotilla.Cluster.Topology;
using Flotilla.Disk;
using Flotilla.Groups;
using Flotilla.Groups.Core;
using Flotilla.Sandbox;
using Microsoft.Extensions.Logging;

namespace Flotilla.Cluster.Hosting;

/// <summary>
/// A node of a cluster that heals itself: member of the group, parent of its host's database servers by way of their guards, coordinator while it is the oldest. All members may be called
/// from any thread. See docs/design/cluster.md.
/// </summary>
/// <remarks>
/// When a node ends, its servers go on. A primary goes on until its lease ends: a node that is back before takes it over, otherwise its guard kills it and another server becomes primary.
/// </remarks>
public sealed class ClusterNode : IManagedCluster, IAsyncDisposable
{
    /// <summary>The name of the group.</summary>
    public const string GroupName = "cluster";

    /// <summary>How long a command of a person may be on its way.</summary>
    private static readonly TimeSpan AppliedWithin = TimeSpan.FromSeconds(10);

    /// <summary>A switchover takes less than a second, when somebody is there to go over to.</summary>
    private static readonly TimeSpan GiveWayWithin = TimeSpan.FromSeconds(3);

    private readonly ClusterNodeOptions _options;
    private readonly ILogger _logger;
    private readonly GroupNode _node;
    private readonly Group _group;
    private readonly AgentLoop _loop;
    private readonly NodeServers _servers;
    private readonly AnnouncedServers _announced;
    private LineProtocolServer? _lines;
    private readonly BackupExchange _backups;
    private readonly CommandDesk _desk = new();
    private readonly CancellationTokenSource _ending = new();
    private Task _running = Task.CompletedTask;
    private Task _joining = Task.CompletedTask;
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _isEnding;
    private volatile bool _hasPolicy;

    private ClusterNode(ClusterNodeOptions options, string secret, GroupNode node)
    {
        _options = options;
        _logger = options.Logger;
        _node = node;
        _group = node.Group(GroupName);
        _announced = new AnnouncedServers(options.EffectiveNode.ToString(), TimeProvider.System);
        Topology = new TopologySource(options.Name, _announced, TimeProvider.System);
        _loop = new AgentLoop(options, Topology, () => node.IsPrimary, command => _ = SendAsync(command));
        _backups = new BackupExchange(_group, secret, options.Logger);
        var accounts = new ServerAccounts(secret);
        var others = new RemoteServers(accounts, options.Limits, _loop.NameOf);
        _servers = new NodeServers(
            options.Servers.ToDictionary(server => server.Name, server => new LocalServer(server, options, accounts, others, _backups, _loop, Topology, Superseded)), others, _loop);
    }

    public NodeName Name => _options.EffectiveNode;

    /// <summary>What other nodes connect to.</summary>
    public string Address => _node.Address;

    /// <summary>What this node knows; another object after each change.</summary>
    public ClusterSnapshot Status => _loop.Status;

    /// <summary>Ends when the node has; faults when it failed.</summary>
    public Task Completion => _running;

    /// <summary>The status is another one. On the node's own loop: return at once.</summary>
    public event Action<ClusterSnapshot>? Changed;

    /// <summary>
    /// Starts a node and returns when it listens. What it does, it does when a majority of the nodes is there: start them in any order.
    /// </summary>
    /// <exception cref="ArgumentException">The options can't be used: all that is wrong.</exception>
    /// <exception cref="IOException">The secret can't be read.</exception>
    /// <exception cref="Sandbox.SandboxException">A server's program does not run.</exception>
    /// <exception cref="Groups.Storage.StorageException">The data folder can't be used.</exception>
    /// <exception cref="System.Net.Sockets.SocketException">The address can't be had.</exception>
    public static async Task<ClusterNode> StartAsync(ClusterNodeOptions options, CancellationToken cancellationToken = default)
    {
        if (options.Validate() is { Count: > 0 } problems)
            throw new ArgumentException("the options of a cluster's node: " + string.Join("; ", problems), nameof(options));
        var secret = options.ReadSecret();
        options = options with { Servers = await Task.WhenAll(options.Servers.Select(server => WithProgramsAsync(server, cancellationToken))) };
        foreach (var server in options.Servers)
            Directory.CreateDirectory(server.Folder);
        Directory.CreateDirectory(options.DataFolder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var messages = new MessageCatalog()
            .Add(new CommandSerializer())
            .Add("cluster-state", ClusterJson.Default.ClusterState)
            .Add("backup-question", ClusterJson.Default.BackupQuestion)
            .Add("backup-answer", ClusterJson.Default.BackupAnswer);
        var groupNode = await GroupNode.StartAsync(
            new GroupOptions
            {
                Name = options.EffectiveNode.ToString(),
                Listen = options.Listen,
                Address = options.Address,
                Seeds = [.. options.Nodes],
                Founding = options.Founding,
                DataDirectory = GroupFolder(options),
                Secret = secret,
                Tls = options.Tls,
                Messages = messages,
                Logger = options.Logger,
            },
            cancellationToken);
        var node = new ClusterNode(options, secret, groupNode);
        try
        {
            node.Begin();
            return node;
        }
        catch
        {
            await node.DisposeAsync();
            throw;
        }
    }

    /// <summary>The process that last ran a node with that data folder; null when that is not known.</summary>
    public static int? LastProcess(ClusterNodeOptions options)
    {
        try
        {
            return int.TryParse(File.ReadAllText(Path.Combine(GroupFolder(options), FolderClaim.OwnerName)), CultureInfo.InvariantCulture, out var process) ? process : null;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Waits for a status as the condition wants it, the present one included.</summary>
    public async Task<ClusterSnapshot> UntilAsync(Func<ClusterSnapshot, bool> condition, CancellationToken cancellationToken = default)
    {
        while (true)
        {
            var changed = Volatile.Read(ref _changed);
            if (Status is var status && condition(status))
                return status;
            await changed.Task.WaitAsync(cancellationToken);
        }
    }

    /// <inheritdoc/>
    public TopologySource Topology { get; }

    /// <inheritdoc/>
    public async Task<ClusterState> SendAsync(ClusterCommand command, CancellationToken cancellationToken)
    {
        if (!Status.View.Has(Name))
            throw new ClusterRefusedException(ClusterRefusal.NoQuorum, $"node {Name} may not act: {Status.Reason}");
        command = _desk.Register(command, out var applied);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(AppliedWithin);
        try
        {
            await _group.SendAsync(new CommandMessage(command), Delivery.SafeDurable, limit.Token);
            return await applied.WaitAsync(limit.Token);
        }
        catch (GroupException failure)
        {
            throw new ClusterRefusedException(ClusterRefusal.NoQuorum, $"the group did not take it, or nobody knows: {failure.Message}", failure);
        }
        catch (OperationCanceledException late) when (!cancellationToken.IsCancellationRequested)
        {
            throw new ClusterRefusedException(ClusterRefusal.NoQuorum, $"the group did not take it within {AppliedWithin.TotalSeconds:0} s; it may still", late);
        }
        finally
        {
            _desk.Forget(command);
        }
    }

    /// <inheritdoc/>
    public CoordinatorStep Plan(Order order) => _loop.Plan(order);

    /// <inheritdoc/>
    public ServerExplanation? Explain(ServerName server)
    {
        var status = Status;
        if (status.State?.Find(server) is not { } known)
        {
            // Nobody else knows it, and why.
            return status.Servers.TryGetValue(server, out var obstacle) ? new ServerExplanation(server, [$"{server} is in this node's configuration, and not in the cluster", obstacle], [$"nothing: {server} is not in the cluster"]) : null;
        }

        var error = known.Report.Error.Length > 0 ? $": {known.Report.Error}" : "";
        var own = status.Servers.TryGetValue(server, out var reason) ? reason : status.View.Has(known.Node) ? $"its node is {known.Node}" : $"its node {known.Node} is gone";
        string[] watched = known.Spec.IsWatched ? ["it is only watched: its node neither starts nor ends it, and it is never primary, for nothing could fence it"] : [];
        return new ServerExplanation(server, [$"{server} is {known.Report.Status.ToString().ToLowerInvariant()}{error}", .. watched, own, status.Reason], _loop.IfLost(server));
    }

    /// <summary>
    /// What a node does that is told to stop: hands its primary over (<see cref="GiveWayAsync"/>), leaves the group in good order, and ends. The
    /// servers go on with their guards.
    /// </summary>
    public async Task StopAsync()
    {
        await GiveWayAsync();
        await EndAsync(isOrderly: true, stopWithin: null);
    }

    /// <summary>
    /// Makes another server primary, where one of this node's is, <see cref="ClusterNodeOptions.OnStop"/> wants it and another one is ready; over within seconds either way. For whoever has something
    /// else to do before the node is stopped, which does the same.
    /// </summary>
    public async Task GiveWayAsync()
    {
        // Where nobody is ready nothing is gained by waiting: another one becomes primary when this one's lease is over, if it can.
        if (_options.OnStop != PrimaryOnStop.Switchover || Status is not { Primary: { } primary, State: { } state } || primary.Node != Name)
            return;
        var order = Order.OfStop(Name, state.Level);
        var step = primary.IsInMaintenance ? new CoordinatorStep($"{primary.Name} is in maintenance") : Plan(order);
        if (step.Command is not BeginPlan)
        {
            Log.PrimaryStays(_logger, primary.Name.ToString(), step.Reason);
            return;
        }

        try
        {
            var outcome = await new ClusterManager(this, TimeProvider.System).OrderAsync(order, GiveWayWithin, CancellationToken.None);
            if (outcome.IsDone)
                await UntilFollowedAsync();
            else
                Log.PrimaryStays(_logger, primary.Name.ToString(), outcome.Decisions is [.., var last] ? $"{last.What}: {last.Why}" : "it took too long");
        }
        catch (ClusterRefusedException refusal)
        {
            Log.PrimaryStays(_logger, primary.Name.ToString(), refusal.Message);
        }
    }

    /// <summary>Leaves the group in good order, and ends at once. The servers go on with their guards, a primary as long as its lease lasts.</summary>
    public ValueTask DisposeAsync() => EndAsync(isOrderly: true, stopWithin: null);

    /// <summary>
    /// The same, and stops the node's servers and their guards: SIGTERM, and SIGKILL for those that are not gone in time. If one is primary, it is
    /// handed over first (<see cref="GiveWayAsync"/>).
    /// </summary>
    public async Task StopWithServersAsync(TimeSpan within)
    {
        await GiveWayAsync();
        await EndAsync(isOrderly: true, within);
    }

    /// <summary>Ends at once, as a crash would: the others find out. For tests.</summary>
    public ValueTask KillAsync() => EndAsync(isOrderly: false, stopWithin: null);

    private static string GroupFolder(ClusterNodeOptions options) => Path.Combine(options.DataFolder, "group");

    private static async Task<NodeServerOptions> WithProgramsAsync(NodeServerOptions server, CancellationToken cancellationToken)
    {
        if (server.Programs is not null)
            return server;
        var finder = ServerFinder.Create();
        var installation = server.Command is [var program, ..] ? await finder.FromBasedirAsync(program, cancellationToken) : await finder.FindAsync(cancellationToken: cancellationToken);
        return server with { Programs = ServerPrograms.Of(installation) };
    }

    // A change of the group would hold up who is on the way to follow, and every commit waits for the first one.
    private async Task UntilFollowedAsync()
    {
        using var limit = new CancellationTokenSource(GiveWayWithin);
        try
        {
            await UntilAsync(status => status.IsFollowed, limit.Token);
        }
        catch (OperationCanceledException)
        {
            // Who does not follow by now has another reason.
        }
    }

    private void Begin()
    {
        if (_options.Lines is { } lines)
            _lines = LineProtocolServer.Start(lines, () => new LineSession(_announced, () => Topology.Current));
        _loop.Changed += Show;
        _group.On<CommandMessage>((message, context) => message.Command is not { } command
            ? _loop.FailAsync($"the command at {context.Sequence} can't be read, so this program is older than others of the cluster; upgrade it: {message.Problem}")
            : _loop.DeliverAsync(command, after =>
            {
                if (context.Sender == _node.Id)
                    _desk.See(command, after);
            }));
        _group.OnView(view => _loop.MembersAsync(new NodeView([.. view.Members.Select(member => new NodeName(member.Name))])));
        _group.OnCheckpoint(
            async writer => await writer.WriteAsync(await _loop.AskAsync(machine => machine.State!)),
            LoadAsync,
            async () =>
            {
                await _loop.MembersAsync(NodeView.None);
                await _loop.StepAsync(now => new StateLoaded(now, ClusterState.Empty));
            },
            isPersistent: true);
        _group.OnQuery<BackupQuestion, BackupAnswer>((question, _) => SendBackup(question));
        _node.PrimaryLost += epoch => _ = _loop.StepAsync(now => new Ticked(now));
        _running = RunAsync();
        _servers.Start();
        _joining = JoinAsync();
        _ = EndWithLogAsync();
        Log.NodeStarted(_logger, Name.ToString(), Address, _options.Servers.Count);
    }

    private async Task RunAsync()
    {
        try
        {
            await Task.Run(() => _loop.RunAsync(_servers));
        }
        catch (Exception failure)
        {
            // A node that is wrong about itself must not hold a lease.
            Log.NodeFailed(_logger, Name.ToString(), failure);
            _ = Task.Run(() => KillAsync().AsTask());
            throw;
        }
    }

    private async Task LoadAsync(CheckpointReader reader)
    {
        try
        {
            var state = await reader.ReadAsync<ClusterState>();
            await _loop.StepAsync(now => new StateLoaded(now, state));
        }
        catch (Exception problem) when (problem is JsonException or NotSupportedException or InvalidDataException)
        {
            await _loop.FailAsync($"the cluster's state can't be read, so this program is older than others of the cluster; upgrade it: {problem.Message}");
            throw;
        }
    }

    private async Task JoinAsync()
    {
        try
        {
            await _group.JoinAsync(_ending.Token);
        }
        catch (Exception failure) when (failure is GroupException or OperationCanceledException)
        {
            if (!_ending.IsCancellationRequested)
                await _loop.FailAsync($"it can't be of the group: {failure.Message}");
        }
    }

    // A full disk may have room again: only a new start finds out, and whoever keeps this process running makes one.
    private async Task EndWithLogAsync()
    {
        try
        {
            var why = await _node.LogFailed.WaitAsync(_ending.Token);
            await _loop.FailAsync($"its log on disk failed: {why}");
        }
        catch (OperationCanceledException)
        {
            // It ends.
        }
    }

    private void Show(ClusterSnapshot status)
    {
        Interlocked.Exchange(ref _changed, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
        Changed?.Invoke(status);
        // Whoever comes first says with which policy the cluster begins.
        if (!_hasPolicy && status is { State: { Epoch: null, Plan: null } state } && status.View.Coordinator == Name && state.Policy == new ClusterPolicy() && _options.Policy != state.Policy)
        {
            _hasPolicy = true;
            _ = SetPolicyAsync();
        }
    }

    private async Task SetPolicyAsync()
    {
        try
        {
            await SendAsync(new SetPolicy(_options.Policy), _ending.Token);
        }
        catch (Exception failure) when (failure is ClusterRefusedException or OperationCanceledException)
        {
            _hasPolicy = false;
        }
    }

    private BackupAnswer? SendBackup(BackupQuestion question)
    {
        if (_servers.Find(question.Donor) is not { } donor)
            return null;
        _backups.Send(question, donor.Control);
        return new BackupAnswer(null);
    }

    // What was not delivered is said again by the machine, where it still matters.
    private async Task SendAsync(ClusterCommand command)
    {
        try
        {
            await _group.SendAsync(new CommandMessage(command), command.Class switch
            {
                CommandClass.Ordered => Delivery.Ordered,
                CommandClass.Safe => Delivery.Safe,
                CommandClass.SafeDurable => Delivery.SafeDurable,
                _ => throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture, $"class {command.Class}")),
            });
        }
        catch (GroupException failure)
        {
            Log.CommandNotDelivered(_logger, command.GetType().Name, failure.Message);
        }
    }

    private void Superseded()
    {
        Log.NodeFailed(_logger, Name.ToString(), new InvalidOperationException("another process speaks to the guard of its server"));
        _ = Task.Run(() => KillAsync().AsTask());
    }

    private async ValueTask EndAsync(bool isOrderly, TimeSpan? stopWithin)
    {
        if (Interlocked.Exchange(ref _isEnding, 1) == 1)
        {
            await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return;
        }

        await _ending.CancelAsync();
        _loop.End();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (isOrderly)
            await _node.DisposeAsync();
        else
            await _node.KillAsync();
        await _joining;
        if (stopWithin is { } within)
            await _servers.StopAsync(within);
        await _servers.DisposeAsync();
        if (_lines is not null)
            await _lines.DisposeAsync();
        _backups.Dispose();
        _ending.Dispose();
        Log.NodeStopped(_logger, Name.ToString());
    }
}
