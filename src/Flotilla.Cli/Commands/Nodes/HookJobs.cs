using Flotilla.Gearman;

namespace Flotilla.Cli.Commands.Nodes;

/// <summary>Hooks that are jobs: runs them on the node's own job server, which starts after the cluster's part does.</summary>
internal sealed class HookJobs : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private GearmanClient? _client;

    /// <summary>Null as long as there is none.</summary>
    public GearmanAddress? Server { get; set; }

    /// <exception cref="GearmanException">It failed, or nobody took it.</exception>
    public async Task RunAsync(string function, ReadOnlyMemory<byte> workload, CancellationToken cancellationToken)
    {
        GearmanClient client;
        lock (_gate)
            client = _client ??= new GearmanClient(Server ?? throw new InvalidOperationException("the job server is not there yet"));
        await client.SubmitAsync(function, workload, cancellationToken);
    }

    public ValueTask DisposeAsync() => _client?.DisposeAsync() ?? ValueTask.CompletedTask;
}
