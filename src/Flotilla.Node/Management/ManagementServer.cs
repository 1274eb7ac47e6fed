using System.Net;
using Flotilla.Cluster.Management;
using Flotilla.Node.Results;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using BadHttpRequestException = Microsoft.AspNetCore.Http.BadHttpRequestException;

namespace Flotilla.Node.Management;

/// <summary>
/// Management over HTTP. Kestrel alone, nothing else of the web framework: no host, no container of services, no configuration files, no
/// environment variables, no signal handlers. It starts the same everywhere, and a node that idles is small
/// (docs/decisions/0027-kestrel-alone.md).
/// </summary>
public sealed class ManagementServer : IAsyncDisposable
{
    /// <summary>How long requests may take to end when the server stops.</summary>
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(2);

    private readonly KestrelServer _kestrel;
    private readonly ManagementRoutes _routes = new();
    private readonly CancellationTokenSource _stopping = new();

    private ManagementServer(ManagementOptions options, ILoggerFactory loggers)
    {
        var kestrel = new KestrelServerOptions { AddServerHeader = false };
        kestrel.Limits.MaxRequestBodySize = options.MaxBodyBytes;
        foreach (var endpoint in options.Listen)
            kestrel.Listen(endpoint);
        _kestrel = new KestrelServer(Options.Create(kestrel), new SocketTransportFactory(Options.Create(new SocketTransportOptions()), loggers), loggers);
    }

    /// <summary>Where it listens, with the ports that were free.</summary>
    public IReadOnlyList<IPEndPoint> Endpoints { get; private set; } = [];

    /// <summary>Listens and serves until disposed.</summary>
    /// <exception cref="IOException">An address can't be listened on, or the secret's file not be read.</exception>
    public static async Task<ManagementServer> StartAsync(
        ManagementOptions options, IManagedJobServer server, ResultCache results, Action<System.Buffers.IBufferWriter<byte>> writeMetrics,
        ILoggerFactory loggers, ClusterManager? cluster, CancellationToken cancellationToken)
    {
        var guard = new ManagementGuard(options.ReadSecret(), options.AllowOpen, options.ReadWithoutSecret);
        var management = new ManagementServer(options, loggers);
        try
        {
            guard.Map(management._routes);
            new StatusPage().Map(management._routes);
            new ServerEndpoints(server, writeMetrics).Map(management._routes);
            new FunctionEndpoints(server).Map(management._routes);
            new JobEndpoints(server, results).Map(management._routes);
            new DeadLetterEndpoints(server).Map(management._routes);
            new ScheduleEndpoints(server).Map(management._routes);
            if (cluster is not null)
            {
                new TopologyEndpoints(cluster.Topology, management._stopping.Token).Map(management._routes);
                new RoleEndpoints(cluster.Topology).Map(management._routes);
                new ClusterEndpoints(cluster).Map(management._routes);
            }

            await management._kestrel.StartAsync(new Application(context => guard.InvokeAsync(context, management.AnswerAsync)), cancellationToken);
            management.Endpoints = [.. management._kestrel.Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.Select(address => IPEndPoint.Parse(new Uri(address).Authority))];
            return management;
        }
        catch
        {
            await management.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        using var patience = new CancellationTokenSource(StopPatience);
        await _kestrel.StopAsync(patience.Token);
        _kestrel.Dispose();
        _stopping.Dispose();
    }

    /// <summary>What the job server refuses becomes a status; what the caller did wrong, 400.</summary>
    private async Task AnswerAsync(HttpContext context)
    {
        try
        {
            await _routes.AnswerAsync(context);
        }
        catch (BadRequestException wrong)
        {
            await Answers.ProblemAsync(context, StatusCodes.Status400BadRequest, wrong.Message);
        }
        catch (BadHttpRequestException wrong)
        {
            await Answers.ProblemAsync(context, wrong.StatusCode, wrong.Message);
        }
        catch (AdminRefusedException refused)
        {
            await Answers.RefusalAsync(context, StatusOf(refused.Code), refused);
        }
        catch (ClusterRefusedException refused)
        {
            await Answers.ProblemAsync(context, StatusOf(refused.Refusal), refused.Message);
        }
    }

    private static int StatusOf(string code) => code switch
    {
        "UNKNOWN_JOB" or "UNKNOWN_FUNCTION" or "function" => StatusCodes.Status404NotFound,
        "QUEUE_ERROR" or "UNAVAILABLE" => StatusCodes.Status503ServiceUnavailable,
        "NOT_AUTHORIZED" => StatusCodes.Status403Forbidden,
        "there" => StatusCodes.Status409Conflict,
        _ => StatusCodes.Status400BadRequest,
    };

    private static int StatusOf(ClusterRefusal refusal) => refusal switch
    {
        ClusterRefusal.UnknownServer => StatusCodes.Status404NotFound,
        ClusterRefusal.Conflict => StatusCodes.Status409Conflict,
        ClusterRefusal.NoQuorum => StatusCodes.Status503ServiceUnavailable,
        _ => throw new ArgumentOutOfRangeException(nameof(refusal), refusal, null),
    };

    private sealed class Application(RequestDelegate answer) : IHttpApplication<HttpContext>
    {
        public HttpContext CreateContext(IFeatureCollection contextFeatures) => new DefaultHttpContext(contextFeatures);

        public Task ProcessRequestAsync(HttpContext context) => answer(context);

        public void DisposeContext(HttpContext context, Exception? exception)
        {
        }
    }
}
