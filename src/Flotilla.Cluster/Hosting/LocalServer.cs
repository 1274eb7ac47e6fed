using Flotilla.Cluster.Core;
using Flotilla.Cluster.Core.Actions;
using Flotilla.Cluster.Core.Inputs;
using Flotilla.Cluster.Servers;
using Flotilla.Cluster.Topology;
using Flotilla.Guard;
using Flotilla.MySql;
using Microsoft.Extensions.Logging;

namespace Flotilla.Cluster.Hosting;

/// <summary>One of this node's servers: its guard, looks at it, and actions on it.</summary>
internal sealed class LocalServer : IAsyncDisposable
{
    private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(5);

    /// <summary>From SIGKILL to the end of a process.</summary>
    private static readonly TimeSpan KillWithin = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan EndPeriod = TimeSpan.FromMilliseconds(20);

    private readonly NodeServerOptions _options;
    private readonly Func<Func<long, AgentInput>, Task> _post;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _ending = new();
    private readonly ServerObserver _observer;
    private readonly ServerWatch _watch;
    private readonly LocalActions _actions;
    private readonly MembersWriter _members;
    private readonly ServerAttachment? _attachment;
    private readonly IServerProcess _process;
    private readonly GuardLink? _guard;
    private Task _writing = Task.CompletedTask;
    private Task _attaching = Task.CompletedTask;
    private Task _looking = Task.CompletedTask;
    private Task _acting = Task.CompletedTask;
    private Task _killing = Task.CompletedTask;

    public LocalServer(
        NodeServerOptions options, ClusterNodeOptions node, ServerAccounts accounts, RemoteServers others, BackupExchange backups, AgentLoop loop, TopologySource topology, Action superseded)
    {
        _options = options;
        _post = loop.StepAsync;
        _logger = node.Logger;
        var managed = new ManagedServer
        {
            Name = options.Name,
            ServerId = options.ServerId,
            Session = new MySqlOptions { UnixSocket = options.Socket, User = ServerAccounts.NodeUser, Password = accounts.NodePassword },
            Accounts = accounts,
            DataFolder = options.EffectiveDataFolder,
            Programs = options.Programs ?? new ServerPrograms(),
        };
        Control = new ServerControl(managed, node.Limits, TimeProvider.System);
        _observer = new ServerObserver(managed, TimeProvider.System, loop.NameOf);
        _guard = options.Supervise == Supervision.Watch ? null : new GuardLink(GuardOf(options), options.Name, _post, superseded, () => _attachment?.KillUnguarded(), node.Logger);
        _process = _guard ?? (IServerProcess)new ProcessWatch(options, _post, node.Logger);
        _attachment = _guard is not null && options.Supervise == Supervision.Attach ? new ServerAttachment(options, _guard, node.Logger) : null;
        _watch = new ServerWatch(options, managed, Control, _observer, _process, () => loop.Status.State, node.Limits, node.Logger);
        _members = new MembersWriter(managed, topology, () => _watch.IsPrepared, node.Logger);
        _actions = new LocalActions(options, node, Control, _watch, _guard, _attachment, accounts, others, backups, node.Logger);
    }

    public ServerName Name => _options.Name;

    public ServerControl Control { get; }

    public void Start()
    {
        _process.Start();
        _writing = _members.RunAsync(_ending.Token);
        if (_attachment is not null)
            _attaching = _attachment.RunAsync(_ending.Token);
    }

    public void Look() => _looking = LookAsync();

    public void Do(ServerAction action, ClusterState state)
    {
        if (action is KillServer)
            _killing = DoAsync(action, state);
        else
            _acting = DoAsync(action, state);
    }

    /// <summary>Moves the end of its lease, or takes it away.</summary>
    public void SetDeadline(ulong epoch, long? deadlineNs) => _ = _process.SetDeadlineAsync(epoch, deadlineNs);

    /// <summary>Ends what is under way, then the server, in good order if it does in time, and its guard; one that is only watched goes on.</summary>
    public async Task StopAsync(TimeSpan grace)
    {
        await EndWorkAsync();
        if (_guard is not { } guard)
            return;
        try
        {
            if (guard.State.IsAlive)
                await guard.Client.StopAsync(grace);
            await UntilEndedAsync(grace + KillWithin);
            await guard.QuitAsync();
        }
        catch (GuardException failure)
        {
            Log.ActionFailed(_logger, Name.ToString(), "stop", failure.Message);
        }

        async Task UntilEndedAsync(TimeSpan within)
        {
            var begun = TimeProvider.System.GetTimestamp();
            while (guard.State.Phase == GuardedPhase.Running && TimeProvider.System.GetElapsedTime(begun) < within)
                await Task.Delay(EndPeriod);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await EndWorkAsync();
        await _process.DisposeAsync();
        _attachment?.Dispose();
        await _observer.DisposeAsync();
        _ending.Dispose();
    }

    private static string Words(ServerAction action) => action switch
    {
        BecomePrimary become => $"{nameof(BecomePrimary)} {{ Epoch = {become.Epoch}, Allowed = {string.Join(", ", become.Allowed)}, Waits = {become.Waits} }}",
        AllowReplicas allow => $"{nameof(AllowReplicas)} {{ Allowed = {string.Join(", ", allow.Allowed)} }}",
        _ => action.ToString(),
    };

    private static GuardOptions GuardOf(NodeServerOptions options)
    {
        if (options.Supervise == Supervision.Attach)
            return new GuardOptions { Folder = options.Folder };
        var settings = options.Kind == ServerKind.MariaDb ? RequiredSettings.MariaDb : RequiredSettings.MySql;
        IEnumerable<string> environment = options.Programs is { LibraryFolders: { Count: > 0 } folders } ? ["/usr/bin/env", "LD_LIBRARY_PATH=" + string.Join(':', folders)] : [];
        return new GuardOptions
        {
            Folder = options.Folder,
            User = options.User,
            Command = [.. environment, .. options.Command, $"--server-id={options.ServerId}", $"--port={options.Port}", $"--socket={options.Socket}", .. settings.Select(setting => setting.Argument)],
        };
    }

    private async Task EndWorkAsync()
    {
        await _ending.CancelAsync();
        await Task.WhenAll(_writing, _attaching, _looking, _acting, _killing).WaitAsync(Farewell).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task LookAsync()
    {
        ServerObservation seen;
        try
        {
            seen = await Task.Run(() => _watch.SeeAsync(_ending.Token));
        }
        catch (OperationCanceledException) when (_ending.IsCancellationRequested)
        {
            return;
        }
        catch (Exception failure)
        {
            // Whatever it was, a look has an end, or nobody would look again.
            Log.ActionFailed(_logger, Name.ToString(), "look", failure.Message);
            seen = new ServerObservation { IsAnswering = false, Error = failure.Message };
        }

        await _post(now => new ServerSeen(now, Name, seen));
    }

    private async Task DoAsync(ServerAction action, ClusterState state)
    {
        Comparison? compared = null;
        string? failure = null;
        try
        {
            compared = await Task.Run(() => _actions.RunAsync(action, state, _ending.Token));
            Log.ActionDone(_logger, Name.ToString(), Words(action));
        }
        catch (Exception cause)
        {
            if (_ending.IsCancellationRequested)
                return;
            failure = cause.Message;
            Log.ActionFailed(_logger, Name.ToString(), Words(action), failure);
        }

        await _post(now => new ActionEnded(now, Name, action, failure) { Compared = compared });
    }
}
