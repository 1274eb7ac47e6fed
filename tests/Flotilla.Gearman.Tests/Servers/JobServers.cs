using Flotilla.Gearman.Tests.Servers;

[assembly: AssemblyFixture(typeof(JobServers))]

namespace Flotilla.Gearman.Tests.Servers;

/// <summary>One server of each kind for all tests that harm none; started when first wanted.</summary>
public sealed class JobServers : IAsyncDisposable
{
    private readonly Dictionary<ServerKind, Task<IJobServer>> _shared = [];

    public static async Task<IJobServer> StartAsync(ServerKind kind) 
        => kind == ServerKind.Flotilla ? await OurServer.StartAsync() : await PeerServer.StartAsync(kind);

    public Task<IJobServer> SharedAsync(ServerKind kind)
    {
        lock (_shared)
        {
            if (!_shared.TryGetValue(kind, out var server))
                _shared.Add(kind, server = StartAsync(kind));
            return server;
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var server in _shared.Values)
            await (await server).DisposeAsync();
    }
}
