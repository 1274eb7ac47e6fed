using System.Collections.Immutable;

namespace Flotilla.Cluster.Topology;

/// <summary>
/// Servers that announced themselves to this node. They are shown, and nothing is done to them. One that sends no heartbeat for its ttl is dropped, by this node's monotonic clock
/// alone; that its connection ended says nothing. Thread-safe.
/// </summary>
public sealed class AnnouncedServers(string node, TimeProvider time)
{
    /// <summary>As in the original protocol, whose servers send a heartbeat every 10 s.</summary>
    public const int TtlSeconds = 30;

    /// <summary>More than any host has: what programs may make a node remember is limited.</summary>
    public const int ServersMax = 256;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, (Announcement Said, long HeardAt)> _servers = new(StringComparer.Ordinal);

    /// <summary>The node to which they announced themselves.</summary>
    public string Node => node;

    /// <summary>Announces a server, or says something else of it; false when there are too many.</summary>
    public bool TryAnnounce(Announcement announcement)
    {
        lock (_gate)
        {
            Expire();
            if (!_servers.ContainsKey(announcement.Name) && _servers.Count >= ServersMax)
                return false;
            _servers[announcement.Name] = (announcement, time.GetTimestamp());
            return true;
        }
    }

    /// <summary>Takes back what was announced; false when nothing was, or it is expired.</summary>
    public bool Withdraw(string name)
    {
        lock (_gate)
        {
            Expire();
            return _servers.Remove(name);
        }
    }

    /// <summary>Says that what was announced still holds; false when nothing was, or it is expired.</summary>
    public bool Beat(string name)
    {
        lock (_gate)
        {
            Expire();
            if (!_servers.TryGetValue(name, out var server))
                return false;
            _servers[name] = (server.Said, time.GetTimestamp());
            return true;
        }
    }

    /// <summary>Those that are not expired.</summary>
    public ImmutableArray<TopologyMember> Members(DateTimeOffset now)
    {
        lock (_gate)
        {
            Expire();
            return [.. _servers.Values.Select(server => new TopologyMember
            {
                Name = server.Said.Name,
                Node = node,
                Host = server.Said.Host,
                Port = server.Said.Port,
                Role = server.Said.Role,
                Status = server.Said.Status,
                Epoch = 0,
                Site = "",
                TtlSeconds = TtlSeconds,
                LastHeartbeat = now - time.GetElapsedTime(server.HeardAt),
                IsAnnounced = true,
                Error = "",
            })];
        }
    }

    private void Expire()
    {
        foreach (var (name, server) in _servers)
        {
            if (time.GetElapsedTime(server.HeardAt) > TimeSpan.FromSeconds(TtlSeconds))
                _servers.Remove(name);
        }
    }
}
