using Flotilla.Chaos.Tests.World;

namespace Flotilla.Chaos.Tests.Faults;

/// <summary>One cluster for all faults, one after the other, as in life; a fresh one after a fault that it did not survive.</summary>
public class ChaosFixture : IAsyncLifetime
{
    private ChaosCluster? _cluster;
    private bool _isSound;

    private protected virtual Task<ChaosCluster> StartAsync() => ChaosCluster.StartAsync();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await EndAsync();
    }

    /// <summary>A full cluster, with all its links.</summary>
    internal async Task<ChaosCluster> ClusterAsync()
    {
        Assert.SkipUnless(Network.Missing is null, Network.Missing ?? "");
        if (!_isSound)
            await EndAsync();
        var cluster = _cluster ??= await StartAsync();
        _isSound = false;
        return cluster;
    }

    /// <summary>Clients write on a full cluster.</summary>
    internal async Task<Scenario> BeginAsync(string fault) => await BeginAsync(await ClusterAsync(), fault);

    /// <summary>Clients write on that cluster, when it is full.</summary>
    internal Task<Scenario> BeginAsync(ChaosCluster cluster, string fault) => Scenario.BeginAsync(cluster, fault, () => _isSound = true);

    private async Task EndAsync()
    {
        if (_cluster is { } cluster)
        {
            cluster.SaveLogs("last");
            await cluster.DisposeAsync();
        }

        _cluster = null;
    }
}
