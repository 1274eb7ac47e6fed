using System.Text;
using System.Text.Json.Serialization.Metadata;
using Flotilla.Gearman;
using Flotilla.MySql;
using Flotilla.Sandbox;
using Microsoft.Extensions.Logging;

namespace Flotilla.Deployment;

/// <summary>
/// Offers one host to the job servers: looks what it can do, registers that, and does it. Create, then run; thread-safe.
/// </summary>
public sealed class HostWorker : IAsyncDisposable
{
    private static readonly TimeSpan RegisterPeriod = TimeSpan.FromMilliseconds(20);

    private readonly HostWorkerOptions _options;
    private readonly ILogger _logger;
    private readonly GearmanWorker _worker;
    private readonly HostProbe _probe;
    private readonly HostFunctionSet _functions;

    private HostWorker(HostWorkerOptions options)
    {
        _options = options;
        _logger = options.LoggerFactory.CreateLogger("Flotilla.Deployment.Host");
        var root = new SandboxRoot(options.Root, options.TimeProvider);
        var tarballs = new TarballStore(root);
        _probe = new HostProbe(options, root, tarballs);
        _worker = new GearmanWorker(new GearmanWorkerOptions
        {
            Servers = options.Servers,
            Secret = options.Secret,
            Tls = options.Tls,
            ConnectTimeout = options.ConnectTimeout,
            ClientId = $"host-{options.Name}-{Environment.ProcessId}",
            MaxConcurrency = options.MakesAtOnce + 12,
            // What was begun is finished: the job that is given out again finds it done.
            CancelJobsOnConnectionLoss = false,
            LoggerFactory = options.LoggerFactory,
            TimeProvider = options.TimeProvider,
        });
        _functions = new HostFunctionSet(options, root, tarballs, _probe, this);
        Abilities = null!;
    }

    /// <summary>What was found when it was looked last.</summary>
    public HostAbilities Abilities { get; private set; }

    /// <summary>The bare names of what is registered.</summary>
    public IReadOnlyList<string> Functions => _functions.Registered;

    /// <summary>Checks the options and looks at the host; connects to nothing yet.</summary>
    /// <exception cref="DeploymentException">The options can't be used, or a job server is open to others.</exception>
    public static async Task<HostWorker> CreateAsync(HostWorkerOptions options, CancellationToken cancellationToken = default)
    {
        options.Validate();
        var worker = new HostWorker(options);
        await worker.LookAsync(cancellationToken);
        return worker;
    }

    /// <summary>Begins to work and returns when one job server knows all functions of the host.</summary>
    public async Task StartAsync(CancellationToken cancellationToken = default)
    {
        await _worker.StartAsync(cancellationToken);
        // Functions with a limit of their own have connections of their own, which come one after the other.
        await using var fleet = new Fleet(_options.Access);
        while (true)
        {
            var look = await fleet.LookAsync(cancellationToken);
            if (Functions.All(function => look.ServerOf(HostFunctions.At(function, _options.Name)) is not null))
                return;
            await Task.Delay(RegisterPeriod, _options.TimeProvider, cancellationToken);
        }
    }

    /// <summary>Works until cancelled, then finishes what it has begun.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await _worker.RunAsync(cancellationToken);
        await _functions.WhenQuietAsync();
    }

    /// <summary>Looks once more what the host can do, and registers what it could not do before.</summary>
    public async Task LookAsync(CancellationToken cancellationToken = default)
    {
        Abilities = await _probe.LookAsync(cancellationToken);
        foreach (var missing in Abilities.Missing)
            Log.Lacked(_logger, _options.Name, missing);
        var added = _functions.Register(Abilities);
        if (added.Count > 0)
            Log.Registered(_logger, _options.Name, string.Join(", ", added));
    }

    public async ValueTask DisposeAsync()
    {
        await _worker.DisposeAsync();
        await _functions.WhenQuietAsync();
        _functions.Dispose();
    }

    /// <summary>Adds a function that takes and gives JSON.</summary>
    internal void Add<TArguments, TResult>(
        string function, int? atOnce, JsonTypeInfo<TArguments> reads, JsonTypeInfo<TResult> writes, Func<TArguments, Action<string>, CancellationToken, Task<TResult>> act)
        where TArguments : class, IJobArguments
        => Add(function, atOnce, reads, async (arguments, tell, cancellationToken) => JobBody.Write(await act(arguments, tell, cancellationToken), writes));

    /// <summary>Adds a function that gives bytes.</summary>
    internal void Add<TArguments>(
        string function, int? atOnce, JsonTypeInfo<TArguments> reads, Func<TArguments, Action<string>, CancellationToken, Task<byte[]>> act)
        where TArguments : class, IJobArguments
        => _worker.Register(
            HostFunctions.At(function, _options.Name),
            async (job, cancellationToken) =>
            {
                using var busy = _functions.Enter();
                try
                {
                    var arguments = JobBody.ReadArguments(job.Payload.Span, reads);
                    var result = await act(arguments, text => Send(job, text), cancellationToken);
                    Log.JobDone(_logger, function, _options.Name, arguments.Subject);
                    return result;
                }
                catch (Exception failure) when (failure is not (OperationCanceledException or JobFailedException))
                {
                    throw new JobFaultException(JobBody.Write(Judge(function, failure), DeploymentJson.Default.JobFault));
                }
            },
            new FunctionOptions { MaxConcurrency = atOnce });

    private static void Send(GearmanJobContext job, string text)
    {
        var sending = job.SendDataAsync(Encoding.UTF8.GetBytes(text));
        // Who asked may be gone; what is being done is done all the same.
        if (!sending.IsCompletedSuccessfully)
            _ = sending.AsTask().ContinueWith(static task => _ = task.Exception, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    private JobFault Judge(string function, Exception failure)
    {
        var (problem, message) = failure switch
        {
            DeploymentException own => (own.Problem, own.Message),
            SandboxException sandbox => (ProblemOf(sandbox.Problem), sandbox.Message),
            MySqlException server => (DeploymentProblem.ServerFailed, server.Message),
            IOException or UnauthorizedAccessException => (DeploymentProblem.Storage, failure.Message),
            _ => (DeploymentProblem.Internal, $"{failure.GetType().Name}: {failure.Message}"),
        };
        if (problem == DeploymentProblem.Internal)
            Log.JobThrew(_logger, failure, function, _options.Name);
        else
            Log.JobRefused(_logger, function, _options.Name, message);
        return new JobFault { Problem = problem, Message = message, Host = _options.Name.ToString() };
    }

    private static DeploymentProblem ProblemOf(SandboxProblem problem) => problem switch
    {
        SandboxProblem.BadRequest => DeploymentProblem.BadRequest,
        SandboxProblem.MissingServer => DeploymentProblem.Missing,
        SandboxProblem.Conflict => DeploymentProblem.Conflict,
        SandboxProblem.NotFound => DeploymentProblem.NotFound,
        SandboxProblem.Storage => DeploymentProblem.Storage,
        SandboxProblem.ServerFailed => DeploymentProblem.ServerFailed,
        SandboxProblem.ReplicationFailed => DeploymentProblem.ReplicationFailed,
        _ => DeploymentProblem.Internal,
    };
}
