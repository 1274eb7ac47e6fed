using Flotilla.Gearman;

namespace Flotilla.Deployment;

/// <summary>One job server: a client for jobs and one for its admin commands, both connected when first used.</summary>
internal sealed class FleetServer(GearmanAddress address, FleetAccess access) : IAsyncDisposable
{
    private readonly GearmanAdmin _admin = new(new GearmanAdminOptions
    {
        Servers = [address], Secret = access.Secret, Tls = access.Tls, ConnectTimeout = access.ConnectTimeout, TimeProvider = access.TimeProvider, LoggerFactory = access.LoggerFactory,
    });

    public GearmanAddress Address => address;

    public GearmanClient Client { get; } = new(new GearmanClientOptions
    {
        Servers = [address],
        Secret = access.Secret,
        Tls = access.Tls,
        ConnectTimeout = access.ConnectTimeout,
        FailoverTimeout = TimeSpan.Zero,
        Resubmit = ResubmitPolicy.Never,
        TimeProvider = access.TimeProvider,
        LoggerFactory = access.LoggerFactory,
    });

    /// <summary>The functions that have a worker; null, and why, when the server does not answer.</summary>
    public async Task<(HashSet<string>? Functions, string? Problem)> FunctionsAsync(CancellationToken cancellationToken)
    {
        try
        {
            var rows = await _admin.GetStatusAsync(cancellationToken);
            return (rows.Where(row => row.Workers > 0).Select(row => row.Function).ToHashSet(StringComparer.Ordinal), null);
        }
        catch (Exception failure) when (failure is GearmanException or System.Security.Authentication.AuthenticationException or IOException)
        {
            return (null, failure.Message);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Client.DisposeAsync();
        await _admin.DisposeAsync();
    }
}
