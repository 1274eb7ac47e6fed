using Flotilla.Cluster.Core;
using Flotilla.Cluster.Hosting;
using Flotilla.TestSupport;

namespace Flotilla.Cluster.Tests.Hosting;

/// <summary>Two servers as always; the third one is only watched, and started by hand.</summary>
public sealed class WatchedCluster : AttachedCluster
{
    private string _startFile = "";

    internal static ServerName Watched { get; } = new("db-c");

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        await Deadline.UntilAsync(() => File.Exists(_startFile), "its node says how it has to be started");
        await StartByHandAsync(Watched);
    }

    protected override ClusterNodeOptions Configure(ClusterNodeOptions options)
    {
        if (options.Servers is not [var server] || server.Name != Watched)
            return options;
        _startFile = Path.Combine(server.Folder, "start.cnf");
        return options with { Servers = [ByHand(server, Supervision.Watch)] };
    }
}
