using Flotilla.Cluster.Core;
using Flotilla.Cluster.Core.Actions;
using Flotilla.Cluster.Core.Inputs;

namespace Flotilla.Cluster.Hosting;

/// <summary>All servers as a node reaches them: its own, and those whose nodes are gone.</summary>
internal sealed class NodeServers(IReadOnlyDictionary<ServerName, LocalServer> own, RemoteServers others, AgentLoop loop) : IAsyncDisposable
{
    /// <summary>A look is over within a second, whatever happens.</summary>
    private static readonly TimeSpan LookWithin = TimeSpan.FromMilliseconds(900);

    private readonly CancellationTokenSource _ending = new();

    public LocalServer? Find(ServerName name) => own.GetValueOrDefault(name);

    public void Start()
    {
        foreach (var server in own.Values)
            server.Start();
    }

    public void Look(ServerName name, ClusterState state)
    {
        if (Find(name) is { } server)
            server.Look();
        else
            _ = LookAsync(name, state);
    }

    public void Do(ServerName name, ServerAction action, ClusterState state)
    {
        if (Find(name) is { } server)
            server.Do(action, state);
        else
            _ = DoAsync(name, action, state);
    }

    public void SetDeadline(ServerName name, ulong epoch, long? deadlineNs)
    {
        if (Find(name) is { } server)
            server.SetDeadline(epoch, deadlineNs);
    }

    /// <summary>Stops the node's own.</summary>
    public Task StopAsync(TimeSpan grace) => Task.WhenAll(own.Values.Select(server => server.StopAsync(grace)));

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        await Task.WhenAll(own.Values.Select(server => server.DisposeAsync().AsTask()));
        await others.DisposeAsync();
        _ending.Dispose();
    }

    private async Task LookAsync(ServerName name, ClusterState state)
    {
        ServerObservation seen;
        try
        {
            seen = await others.Find(state, name).Observer.ObserveAsync(LookWithin, _ending.Token);
        }
        catch (OperationCanceledException) when (_ending.IsCancellationRequested)
        {
            return;
        }
        catch (Exception failure)
        {
            seen = new ServerObservation { IsAnswering = false, Error = failure.Message };
        }

        await loop.StepAsync(now => new ServerSeen(now, name, seen));
    }

    private async Task DoAsync(ServerName name, ServerAction action, ClusterState state)
    {
        string? failure = null;
        try
        {
            if (action is StopReceiver)
                await others.Find(state, name).Control.StopReceiverAsync(_ending.Token);
            else
                failure = "its node is gone";
        }
        catch (OperationCanceledException) when (_ending.IsCancellationRequested)
        {
            return;
        }
        catch (Exception cause)
        {
            failure = cause.Message;
        }

        await loop.StepAsync(now => new ActionEnded(now, name, action, failure));
    }
}
