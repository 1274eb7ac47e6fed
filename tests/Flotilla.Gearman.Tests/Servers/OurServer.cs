using System.Net;
using Flotilla.JobServer;

namespace Flotilla.Gearman.Tests.Servers;

/// <summary>Flotilla's job server inside the test process.</summary>
internal sealed class OurServer : IJobServer
{
    private JobServerHost? _host;
    private IPEndPoint _endPoint = new(IPAddress.Loopback, 0);

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
        _endPoint = (IPEndPoint)_host.Endpoints[0];
    }

    public async ValueTask DisposeAsync() => await KillAsync();
}
