using System.Collections.Concurrent;
using Flotilla.Gearman.Tests.Servers;

[assembly: AssemblyFixture(typeof(JobServers))]

namespace Flotilla.Gearman.Tests.Servers;

/// <summary>One server of each kind for all tests that harm none; started when first wanted.</summary>
public sealed class JobServers : IAsyncDisposable
{
    private readonly ConcurrentDictionary<ServerKind, Lazy<Task<IJobServer>>> _shared = new();

    public static async Task<IJobServer> StartAsync(ServerKind kind) => await PeerServer.StartAsync(kind);

    public Task<IJobServer> SharedAsync(ServerKind kind)
        => _shared.GetOrAdd(kind, static kind => new Lazy<Task<IJobServer>>(() => StartAsync(kind))).Value;

    public async ValueTask DisposeAsync()
    {
        foreach (var server in _shared.Values)
            await (await server.Value).DisposeAsync();
    }
}
