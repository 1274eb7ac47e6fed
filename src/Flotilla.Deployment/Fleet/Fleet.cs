using System.Text;
using Flotilla.Gearman;

namespace Flotilla.Deployment;

/// <summary>Hosts behind job servers: who knows which, and jobs for them. Thread-safe.</summary>
internal sealed class Fleet : IAsyncDisposable
{
    /// <summary>A job is begun at most so often again because a connection was lost.</summary>
    private const int AttemptsMax = 8;

    private static readonly TimeSpan LookPeriod = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan FindPeriod = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan OfferPatience = TimeSpan.FromSeconds(10);
    private readonly FleetAccess _access;
    private readonly IReadOnlyList<FleetServer> _servers;

    /// <exception cref="DeploymentException">A job server is open to others.</exception>
    public Fleet(FleetAccess access)
    {
        JobServerTrust.Require(access.Servers, access.Secret, access.Tls);
        _access = access;
        _servers = [.. access.Servers.Distinct().Select(address => new FleetServer(address, access))];
    }

    /// <summary>Asks all job servers which hosts have a worker.</summary>
    public async Task<FleetLook> LookAsync(CancellationToken cancellationToken)
    {
        var looks = await Task.WhenAll(_servers.Select(async server => (Server: server, Found: await server.FunctionsAsync(cancellationToken))));
        return new FleetLook(
            looks.Where(one => one.Found.Functions is not null).ToDictionary(one => one.Server, one => one.Found.Functions!),
            [.. looks.Where(one => one.Found.Problem is not null).Select(one => $"{one.Server.Address}: {one.Found.Problem}")]);
    }

    /// <summary>Has a job done by a host and gives its result.</summary>
    /// <exception cref="DeploymentException">The job failed, or nobody was there to do it.</exception>
    public async Task<byte[]> CallAsync(FleetCall call, CancellationToken cancellationToken)
    {
        var function = HostFunctions.At(call.Function, call.Host);
        for (var attempt = 1; ; attempt++)
        {
            var server = await FindAsync(call, function, cancellationToken);
            try
            {
                return await SubmitAsync(server, call, function, cancellationToken);
            }
            catch (JobFaultException fault)
            {
                throw Explain(call, fault);
            }
            catch (Exception failure) when (failure is ConnectionLostException or NoServerException && attempt < AttemptsMax)
            {
                // The job can be begun again: every function bears that.
            }
            catch (GearmanTimeoutException)
            {
                throw Failed(DeploymentProblem.Unreachable, call, $"{function} took longer than {call.Patience.TotalSeconds:0} s");
            }
            catch (GearmanException failure)
            {
                throw Failed(DeploymentProblem.Unreachable, call, $"{function} at {server.Address}: {failure.Message}", failure);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var server in _servers)
            await server.DisposeAsync();
    }

    private static DeploymentException Explain(FleetCall call, JobFaultException fault)
        => JobBody.ReadFault(fault.Fault.Span) is { } told
            ? Failed(told.Problem, call, told.Message, fault)
            : Failed(DeploymentProblem.Internal, call, $"{call.Function} failed: {Encoding.UTF8.GetString(fault.Fault.Span[..Math.Min(400, fault.Fault.Length)])}", fault);

    private static DeploymentException Failed(DeploymentProblem problem, FleetCall call, string message, Exception? cause = null)
        => new(problem, message.StartsWith($"{call.Host}: ", StringComparison.Ordinal) ? message : $"{call.Host}: {message}", cause) { Host = call.Host.ToString() };

    /// <summary>A job server with a worker for the function; waits a while for a worker that went away.</summary>
    private async Task<FleetServer> FindAsync(FleetCall call, string function, CancellationToken cancellationToken)
    {
        var start = _access.TimeProvider.GetTimestamp();
        while (true)
        {
            var look = await LookAsync(cancellationToken);
            if (look.ServerOf(function) is { } server)
                return server;
            // A worker that has just come registers one function after the other; one that does not offer this one soon never will.
            if (look.Knows(call.Host) && _access.TimeProvider.GetElapsedTime(start) >= OfferPatience)
                throw Failed(DeploymentProblem.Missing, call, $"its worker does not offer {call.Function}; 'flotilla deploy diagnose --hosts {call.Host}' says what it lacks");
            if (!look.Knows(call.Host) && _access.TimeProvider.GetElapsedTime(start) >= _access.LostPatience)
                throw Lost(call, look);
            await Task.Delay(FindPeriod, _access.TimeProvider, cancellationToken);
        }
    }

    private DeploymentException Lost(FleetCall call, FleetLook look)
        => Failed(
            DeploymentProblem.Unreachable,
            call,
            $"its worker is gone since {_access.LostPatience.TotalSeconds:0} s ({string.Join("; ", look.Problems.Append($"known hosts: {look.HostText}"))})");

    private async Task<byte[]> SubmitAsync(FleetServer server, FleetCall call, string function, CancellationToken cancellationToken)
    {
        using var abandon = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var request = new JobRequest(function, call.Body) { Unique = call.Unique, Timeout = call.Patience, CancelWhenAbandoned = true };
        var job = await server.Client.StartAsync(request, abandon.Token);
        var watching = WatchAsync(server, function, abandon.Token);
        var reading = ReadAsync(job, call, cancellationToken);
        try
        {
            if (await Task.WhenAny(reading, watching) == reading)
                return await reading;
            cancellationToken.ThrowIfCancellationRequested();
            await abandon.CancelAsync();
            await ((Task)reading).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw Lost(call, await LookAsync(cancellationToken));
        }
        finally
        {
            await abandon.CancelAsync();
            await ((Task)watching).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static async Task<byte[]> ReadAsync(GearmanJob job, FleetCall call, CancellationToken cancellationToken)
    {
        await foreach (var update in job.ReadUpdatesAsync(cancellationToken))
        {
            if (update.Kind == JobUpdateKind.Data)
                call.Told?.Invoke(update.Text);
            else if (update.Kind == JobUpdateKind.Completed)
                return update.Payload.ToArray();
        }

        return (await job.Completion).Payload.ToArray();
    }

    /// <summary>Ends when the function has been without a worker for too long.</summary>
    private async Task WatchAsync(FleetServer server, string function, CancellationToken cancellationToken)
    {
        long? lost = null;
        while (true)
        {
            await Task.Delay(LookPeriod, _access.TimeProvider, cancellationToken);
            var found = await server.FunctionsAsync(cancellationToken);
            if (found.Functions is null || found.Functions.Contains(function))
                lost = null;
            else if (_access.TimeProvider.GetElapsedTime(lost ??= _access.TimeProvider.GetTimestamp()) >= _access.LostPatience)
                return;
        }
    }
}
