using System.Net;
using Flotilla.Cluster.Management;
using Flotilla.Node.Results;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Flotilla.Node.Management;

/// <summary>
/// Management over HTTP. Kestrel and routing, nothing else of the web framework: no configuration files, no environment variables, no
/// signal handlers, so that it starts the same everywhere.
/// </summary>
public sealed class ManagementServer : IAsyncDisposable
{
    /// <summary>How long requests may take to end when the server stops.</summary>
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(2);

    private readonly WebApplication _application;

    private ManagementServer(WebApplication application, IReadOnlyList<IPEndPoint> endpoints)
    {
        _application = application;
        Endpoints = endpoints;
    }

    /// <summary>Where it listens, with the ports that were free.</summary>
    public IReadOnlyList<IPEndPoint> Endpoints { get; }

    /// <summary>Listens and serves until disposed.</summary>
    /// <exception cref="IOException">An address can't be listened on, or the secret's file not be read.</exception>
    public static async Task<ManagementServer> StartAsync(
        ManagementOptions options, IManagedJobServer server, ResultCache results, Action<System.Buffers.IBufferWriter<byte>> writeMetrics,
        ILoggerFactory loggers, ClusterManager? cluster, CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = options.MaxBodyBytes;
            foreach (var endpoint in options.Listen)
                kestrel.Listen(endpoint);
        });
        builder.Services.AddRoutingCore();
        builder.Services.AddSingleton(loggers);
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = StopPatience);
        var application = builder.Build();
        var guard = new ManagementGuard(options.ReadSecret(), options.AllowOpen, options.ReadWithoutSecret);
        application.Use((context, next) => guard.InvokeAsync(context, next));
        application.Use(RefusalsAsync);
        application.UseStatusCodePages(status => UnroutedAsync(status.HttpContext));
        application.UseRouting();
        guard.Map(application);
        new StatusPage().Map(application);
        new ServerEndpoints(server, writeMetrics).Map(application);
        new FunctionEndpoints(server).Map(application);
        new JobEndpoints(server, results).Map(application);
        new DeadLetterEndpoints(server).Map(application);
        new ScheduleEndpoints(server).Map(application);
        if (cluster is not null)
        {
            new TopologyEndpoints(cluster.Topology).Map(application);
            new RoleEndpoints(cluster.Topology).Map(application);
            new ClusterEndpoints(cluster).Map(application);
        }

        try
        {
            await application.StartAsync(cancellationToken);
        }
        catch
        {
            await application.DisposeAsync();
            throw;
        }

        return new ManagementServer(application, Addresses(application));
    }

    public async ValueTask DisposeAsync()
    {
        await _application.StopAsync(CancellationToken.None);
        await _application.DisposeAsync();
    }

    private static List<IPEndPoint> Addresses(WebApplication application)
        => [.. application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses
            .Select(address => IPEndPoint.Parse(new Uri(address).Authority))];

    /// <summary>What the job server refuses becomes a status; what the caller did wrong, 400.</summary>
    private static async Task RefusalsAsync(HttpContext context, RequestDelegate next)
    {
        try
        {
            await next(context);
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

    /// <summary>What routing refused has a status and no body.</summary>
    private static Task UnroutedAsync(HttpContext context) => Answers.ProblemAsync(context, context.Response.StatusCode, context.Response.StatusCode switch
    {
        StatusCodes.Status404NotFound => "there is nothing at this path",
        StatusCodes.Status405MethodNotAllowed => $"{context.Request.Method} does nothing here, {context.Response.Headers.Allow} does",
        var other => Microsoft.AspNetCore.WebUtilities.ReasonPhrases.GetReasonPhrase(other),
    });

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

    /// <summary>The process's signals belong to the program, not to its management port.</summary>
    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
