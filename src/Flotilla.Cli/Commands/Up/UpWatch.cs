using System.Globalization;
using Flotilla.Cli.Commands.Cluster;
using Flotilla.Cli.Hosting;
using Flotilla.Cluster.Topology;
using Flotilla.Node;

namespace Flotilla.Cli.Commands.Up;

/// <summary>Asks the nodes of a cluster on one machine how their servers are, and tells what changes.</summary>
internal sealed class UpWatch(IConsole console, UpFolder folder, IReadOnlyList<NodeOptions> nodes) : IDisposable
{
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(200);

    private readonly ClusterClient _client = new([.. nodes.Select(node => new Uri($"http://{node.Management.Listen[0]}/"))], SecretFile.Read(folder.ManagementSecret));
    private readonly Dictionary<string, string> _told = [];

    public void Dispose() => _client.Dispose();

    /// <summary>A primary, and every other server follows it without a complaint.</summary>
    public static bool IsHealthy(ClusterTopology topology)
        => TopologyTable.IsWell(topology) && topology.Plan is null && topology.Members.Count(member => !member.IsAnnounced) == UpFolder.Nodes.Count
            && topology.Members.All(member => member.IsAnnounced || (member.Error.Length == 0 && (member.Role == TopologyRole.Primary || member.Source == topology.Primary!.Name)));

    /// <summary>What the nodes say now; null while none answers.</summary>
    public async Task<ClusterTopology?> LookAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await _client.TopologyAsync(seen: null, cancellationToken);
        }
        catch (CliException failure) when (failure.Code is ExitCode.NoServer or ExitCode.ConnectionLost or ExitCode.TimedOut)
        {
            return null;
        }
    }

    /// <summary>Waits until the cluster is healthy; null when it is not in time.</summary>
    public async Task<ClusterTopology?> UntilHealthyAsync(TimeSpan within, Action<string> report, CancellationToken cancellationToken)
    {
        var begun = console.Clock.GetTimestamp();
        while (console.Clock.GetElapsedTime(begun) < within)
        {
            if (await LookAsync(cancellationToken) is not { } topology)
                report("starting the nodes");
            else if (IsHealthy(topology))
                return topology;
            else
                report(topology.Plan ?? (topology.Members.Length == 0 ? "waiting for a majority of the nodes" : string.Join(", ", topology.Members.Select(Words))));
            await Task.Delay(s_pause, console.Clock, cancellationToken);
        }

        return null;
    }

    /// <summary>A line for each server that becomes another, until cancelled.</summary>
    public async Task RunAsync(ClusterTopology known, Action<string> tell, CancellationToken cancellationToken)
    {
        foreach (var member in known.Members)
            _told[member.Name] = Words(member);
        var last = known;
        try
        {
            while (true)
            {
                try
                {
                    last = await _client.TopologyAsync(last, cancellationToken);
                    Tell(last, tell);
                }
                catch (CliException failure) when (failure.Code is ExitCode.NoServer or ExitCode.ConnectionLost)
                {
                    await Task.Delay(s_pause, console.Clock, cancellationToken);
                }
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Told to stop.
        }
    }

    private void Tell(ClusterTopology topology, Action<string> tell)
    {
        foreach (var member in topology.Members)
        {
            var words = Words(member);
            if (_told.TryGetValue(member.Name, out var before) && before == words)
                continue;
            _told[member.Name] = words;
            tell($"{topology.At.ToLocalTime().ToString("HH:mm:ss.fff", CultureInfo.InvariantCulture)}  {words}");
        }
    }

    private static string Words(TopologyMember member)
    {
        var role = member.Role == TopologyRole.Primary ? string.Create(CultureInfo.InvariantCulture, $"primary of epoch {member.Epoch}") : member.Role.ToString().ToLowerInvariant();
        var source = member is { Role: TopologyRole.Replica, Source: { } from } ? $" of {from}" : "";
        return $"{member.Name}: {role}{source}, {member.Status.ToString().ToLowerInvariant()}{(member.Error.Length > 0 ? $" ({member.Error})" : "")}";
    }
}
