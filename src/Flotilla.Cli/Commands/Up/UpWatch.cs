using System.Globalization;
using Flotilla.Cli.Commands.Cluster;
using Flotilla.Cli.Hosting;
using Flotilla.Cluster.Topology;
using Flotilla.MySql;
using Flotilla.Node;

namespace Flotilla.Cli.Commands.Up;

/// <summary>Asks the nodes of a cluster on one machine how their servers are, and tells what changes.</summary>
internal sealed class UpWatch(IConsole console, UpFolder folder, IReadOnlyList<NodeOptions> nodes) : IDisposable
{
    private const string ClockFormat = "HH:mm:ss.fff";

    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(200);

    private static readonly TimeSpan s_answerWithin = TimeSpan.FromSeconds(1);

    private readonly ClusterClient _client = new([.. nodes.Select(node => new Uri($"http://{node.Management.Listen[0]}/"))], SecretFile.Read(folder.ManagementSecret));
    private readonly Dictionary<string, string> _told = [];

    /// <summary>Whether there is anything to watch.</summary>
    private bool IsThere => folder.Keeper is not null || folder.NodeProcesses.Count > 0;

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

    /// <summary>Waits until the cluster is healthy, and every server is what the nodes say; null when it is not in time.</summary>
    /// <exception cref="CliException">It was stopped.</exception>
    public async Task<ClusterTopology?> UntilHealthyAsync(TimeSpan within, Action<string> report, CancellationToken cancellationToken)
    {
        var begun = console.Clock.GetTimestamp();
        while (console.Clock.GetElapsedTime(begun) < within)
        {
            if (await LookAsync(cancellationToken) is not { } topology)
                report("starting the nodes");
            else if (IsHealthy(topology) && await AreThatAsync(topology, cancellationToken))
                return topology;
            else
                report(topology.Plan ?? (topology.Members.Length == 0 ? "waiting for a majority of the nodes" : string.Join(", ", topology.Members.Select(Words))));
            if (!IsThere)
                throw new CliException(ExitCode.Failed, "it was stopped before it was healthy", $"If that was not 'flotilla down', see {folder.KeeperLog}.");
            await Task.Delay(s_pause, console.Clock, cancellationToken);
        }

        return null;
    }

    /// <summary>A line for each server that becomes another, until cancelled, or until all was stopped.</summary>
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
                catch (CliException failure) when (failure.Code is ExitCode.NoServer or ExitCode.ConnectionLost or ExitCode.TimedOut)
                {
                    if (!IsThere)
                    {
                        tell($"{console.Clock.GetLocalNow().ToString(ClockFormat, CultureInfo.InvariantCulture)}  stopped by somebody else");
                        return;
                    }

                    await Task.Delay(s_pause, console.Clock, cancellationToken);
                }
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Told to stop.
        }
    }

    /// <summary>Nodes that have just started tell what was before, until they have looked: the servers themselves are asked.</summary>
    private async Task<bool> AreThatAsync(ClusterTopology topology, CancellationToken cancellationToken)
    {
        foreach (var server in nodes.SelectMany(node => node.Cluster!.Servers))
        {
            var options = new MySqlOptions { UnixSocket = server.Socket, User = server.AdministratorUser, Password = server.AdministratorPassword, ConnectTimeout = s_answerWithin, CommandTimeout = s_answerWithin };
            try
            {
                await using var session = await MySqlConnection.OpenAsync(options, cancellationToken);
                var isReadOnly = await session.QueryScalarAsync("SELECT @@GLOBAL.read_only", cancellationToken) != "0";
                if (isReadOnly == (topology.Primary!.Name == server.Name.ToString()))
                    return false;
            }
            catch (MySqlException)
            {
                return false;
            }
        }

        return true;
    }

    private void Tell(ClusterTopology topology, Action<string> tell)
    {
        foreach (var member in topology.Members)
        {
            var words = Words(member);
            if (_told.TryGetValue(member.Name, out var before) && before == words)
                continue;
            _told[member.Name] = words;
            tell($"{topology.At.ToLocalTime().ToString(ClockFormat, CultureInfo.InvariantCulture)}  {words}");
        }
    }

    private static string Words(TopologyMember member)
    {
        var role = member.Role == TopologyRole.Primary ? string.Create(CultureInfo.InvariantCulture, $"primary of epoch {member.Epoch}") : member.Role.ToString().ToLowerInvariant();
        var source = member is { Role: TopologyRole.Replica, Source: { } from } ? $" of {from}" : "";
        return $"{member.Name}: {role}{source}, {member.Status.ToString().ToLowerInvariant()}{(member.Error.Length > 0 ? $" ({member.Error})" : "")}";
    }
}
