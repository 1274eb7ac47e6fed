using System.Net;
using Flotilla.Cluster.Hosting;
using Flotilla.Node;
using Flotilla.Sandbox;

namespace Flotilla.Cli.Commands.Nodes;

/// <summary>Where a node is to listen, by the keys of its file, and what stands against it. Looked at before anything is started: a node that can't serve its host must not disturb the group again and again.</summary>
internal static class NodePlaces
{
    /// <summary>What is wrong with them here and now; empty when nothing is.</summary>
    /// <param name="options">With a cluster.</param>
    /// <param name="mayRun">The node itself may have them, or somebody who can't be seen: that is no problem.</param>
    public static IReadOnlyList<string> Problems(NodeOptions options, bool mayRun)
    {
        List<string> problems = [];
        var places = Of(options).Where(place => place.EndPoint.Port != 0).ToList();
        foreach (var same in places.GroupBy(place => place.EndPoint).Where(group => group.Count() > 1))
            problems.Add($"{string.Join(" and ", same.Select(place => place.Key))} are the same place, {same.Key}");
        foreach (var (key, endpoint) in places.DistinctBy(place => place.EndPoint))
        {
            if (Problem(endpoint, options.Cluster!, mayRun) is { } problem)
                problems.Add($"{key}: {problem}");
        }

        return problems;
    }

    private static IEnumerable<(string Key, IPEndPoint EndPoint)> Of(NodeOptions options)
    {
        yield return ("cluster.listen", options.Cluster!.Listen);
        if (options.Cluster.Lines is { } lines)
            yield return ("cluster.lines", lines);
        foreach (var listener in options.JobServer.Listeners)
        {
            // A file that is left of a Unix socket is replaced.
            if (listener.EndPoint is IPEndPoint endpoint)
                yield return ("jobServer.listeners", endpoint);
        }

        foreach (var endpoint in options.Management.Listen)
            yield return ("management.listen", endpoint);
    }

    private static string? Problem(IPEndPoint endpoint, ClusterNodeOptions cluster, bool mayRun)
    {
        try
        {
            if (PortCheck.IsFree(endpoint.Address, endpoint.Port))
                return null;
        }
        catch (SandboxException failure)
        {
            return failure.Message;
        }

        var process = PortCheck.HolderProcess(endpoint.Port);
        var isOwn = process is not null && process == ClusterNode.LastProcess(cluster);
        return mayRun && (process is null || isOwn) ? null : $"{endpoint} is taken by {PortCheck.Holder(endpoint.Port)}{(isOwn ? ", which is this node" : "")}";
    }
}
