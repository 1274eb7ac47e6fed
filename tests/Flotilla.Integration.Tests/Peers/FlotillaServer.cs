using System.Globalization;
using System.Net;
using Flotilla.JobServer;
using Flotilla.JobServer.Core;

namespace Flotilla.Integration.Tests.Peers;

/// <summary>Our job server in this process, in memory, told what gearmand would be told on its command line.</summary>
internal sealed class FlotillaServer : IServerUnderTest
{
    private readonly JobServerOptions _options;
    private JobServerHost? _host;

    private FlotillaServer(JobServerHost host, JobServerOptions options)
    {
        _host = host;
        Endpoint = (IPEndPoint)host.Endpoints[0];
        _options = options with { Listeners = [new JobServerListener { EndPoint = Endpoint }] };
    }

    public IPEndPoint Endpoint { get; }

    public static async Task<FlotillaServer> StartAsync(IEnumerable<string> arguments)
    {
        var machine = new JobMachineOptions { Verbosity = "ERROR", HandlePrefix = "H:here" };
        foreach (var argument in arguments)
            machine = Apply(machine, argument);
        var options = new JobServerOptions
        {
            Listeners = [new JobServerListener { EndPoint = new IPEndPoint(IPAddress.Loopback, 0) }],
            Threads = 1,
            Machine = machine,
        };
        return new FlotillaServer(await JobServerHost.StartAsync(options), options);
    }

    public async Task StartAgainAsync() => _host = await JobServerHost.StartAsync(_options);

    public async Task StopAsync()
    {
        if (_host is not { } host)
            return;
        _host = null;
        await host.DisposeAsync();
    }

    public async ValueTask DisposeAsync() => await StopAsync();

    private static JobMachineOptions Apply(JobMachineOptions options, string argument)
    {
        var (name, value) = argument.Split('=') is [var left, var right] ? (left, int.Parse(right, CultureInfo.InvariantCulture)) : (argument, 0);
        return name switch
        {
            "--exceptions" => options with { ExceptionsByDefault = true },
            "--job-retries" => options with { DefaultPolicy = options.DefaultPolicy with { Attempts = value } },
            "--worker-wakeup" => options with { WorkersWokenPerJob = value },
            _ => throw new ArgumentException($"the scenarios do not use {name} yet", nameof(argument)),
        };
    }
}
