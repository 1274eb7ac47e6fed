using System.Net;
using Flotilla.JobServer;
using Flotilla.TestSupport;

namespace Flotilla.Gearman.Tests.Servers;

/// <summary>Flotilla's job server inside the test process.</summary>
internal sealed class OurServer : IJobServer
{
    private JobServerHost? _host;
    private readonly IPEndPoint _endPoint = new(IPAddress.Loopback, FreePort.Next());

    public GearmanAddress Address => GearmanAddress.Tcp(_endPoint);

    public static async Task<OurServer> StartAsync()
    {
        var server = new OurServer();
        await server.RestartAsync();
        return server;
    }

    public async Task KillAsync()
    {
        if (_host is not { } host)
            return;
        _host = null;
        await host.DisposeAsync();
    }

    public async Task RestartAsync()
    {
        await KillAsync();
        _host = await JobServerHost.StartAsync(new JobServerOptions { Listeners = [new JobServerListener { EndPoint = _endPoint }] });
    }

    public async ValueTask DisposeAsync() => await KillAsync();
}
