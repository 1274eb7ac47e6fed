using Flotilla.Cluster.Servers;
using Flotilla.Cluster.Topology;
using Microsoft.Extensions.Logging;

namespace Flotilla.Cluster.Hosting;

/// <summary>Keeps <c>flotilla.members</c> on one server as it should be: at every change, and once a second.</summary>
internal sealed class MembersWriter(ManagedServer server, TopologySource topology, Func<bool> isThere, ILogger logger)
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    /// <summary>Changes come in bursts.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await using var table = new MembersTable(server, TimeProvider.System);
        var last = topology.Current;
        var hasFailed = false;
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                if (isThere())
                {
                    await table.WriteAsync(last, Period, cancellationToken);
                    hasFailed = false;
                }
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception failure)
            {
                // Whatever it was, clients go by this table. Once: whoever looks at the server says why.
                if (!hasFailed)
                    Log.ActionFailed(logger, server.Name.ToString(), "write flotilla.members", failure.Message);
                hasFailed = true;
            }

            await Task.Delay(Pause, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            try
            {
                last = await topology.WaitAsync(last.Epoch, last.Version, Period - Pause, cancellationToken);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }
}
