namespace Flotilla.Sandbox;

/// <summary>Decides names, ports, server ids and roles of a sandbox, and refuses what is taken, before anything is written.</summary>
internal static class Planner
{
    private const int PortFirst = 3000;
    private const int PortLast = 65_000;

    /// <param name="spec">What is asked for.</param>
    /// <param name="root">Folder of all sandboxes.</param>
    /// <param name="others">The sandboxes that are there.</param>
    /// <param name="elsewhere">Those of other roots on this host: their ports are passed over, but not refused when asked for by number.</param>
    /// <param name="now">For the journal.</param>
    /// <param name="listener">Who listens on a port; null: the system is asked.</param>
    public static SandboxRecord Plan(
        SandboxSpec spec, string root, IReadOnlyList<SandboxRecord> others, IReadOnlyList<SandboxRecord> elsewhere, DateTimeOffset now, Func<int, string?>? listener = null)
    {
        listener ??= port => PortCheck.IsFree(spec.BindAddress, port) ? null : PortCheck.Holder(port);
        var ports = spec.Port is { } port ? Given(spec, port, others, listener) : Free(spec, [.. others, .. elsewhere], listener);
        var nodes = Enumerable.Range(0, spec.NodeCount).Select(at => Node(spec, at, ports[at])).ToList();
        var record = new SandboxRecord { Name = spec.FolderName, State = SandboxState.Planned, Created = now, Spec = spec, Nodes = nodes };
        foreach (var node in nodes)
        {
            var socket = Path.Combine(root, record.Name, node.Folder, "mysql.sock");
            if (System.Text.Encoding.UTF8.GetByteCount(socket) > SocketPathMax)
                throw new SandboxException(
                    SandboxProblem.BadRequest, $"the path of the socket would be too long for the system ({socket}, more than {SocketPathMax} bytes); take a shorter root folder");
        }

        return record;
    }

    /// <summary>What fits into sockaddr_un with its closing zero.</summary>
    private const int SocketPathMax = 107;

    private static List<int> Given(SandboxSpec spec, int first, IReadOnlyList<SandboxRecord> others, Func<int, string?> listener)
    {
        var ports = Enumerable.Range(first, spec.NodeCount).ToList();
        var taken = ports.Select(port => (Port: port, By: Taken(port, others, listener))).Where(one => one.By is not null).ToList();
        return taken.Count == 0 ? ports : throw new SandboxException(
            SandboxProblem.Conflict, string.Join("; ", taken.Select(one => $"port {one.Port} is taken by {one.By}")));
    }

    private static List<int> Free(SandboxSpec spec, IReadOnlyList<SandboxRecord> others, Func<int, string?> listener)
    {
        var usual = spec.Server.Version.UsualPort;
        // Groups stand apart from single ones, so that these get the port their version is known for.
        var start = Math.Max(PortFirst, usual + (spec.Topology == SandboxTopology.Single ? 0 : 1000 * (int)spec.Topology));
        for (var first = start; first + spec.NodeCount - 1 <= PortLast; first++)
        {
            var ports = Enumerable.Range(first, spec.NodeCount).ToList();
            var taken = ports.FindLastIndex(port => Taken(port, others, listener) is not null);
            if (taken < 0)
                return ports;
            first += taken;
        }

        throw new SandboxException(SandboxProblem.Conflict, $"no {spec.NodeCount} free ports in a row from {start} to {PortLast}");
    }

    /// <summary>Who has a port: a sandbox among others, or a process; null when it is free.</summary>
    public static string? Taken(int port, IReadOnlyList<SandboxRecord> others, Func<int, string?> listener)
    {
        foreach (var other in others)
        {
            if (other.Nodes.FirstOrDefault(node => node.Port == port) is { } node)
                return other.Nodes.Count == 1 ? $"sandbox {other.Name}" : $"{node.Name} of sandbox {other.Name}";
        }

        return listener(port);
    }

    private static SandboxNode Node(SandboxSpec spec, int at, int port)
    {
        var names = Enumerable.Range(0, spec.NodeCount).Select(one => NameOf(spec, one)).ToList();
        var (role, sources) = spec.Topology switch
        {
            SandboxTopology.Single => (spec.Role, (IReadOnlyList<string>)[]),
            SandboxTopology.Multiple => (SandboxRole.Standalone, []),
            SandboxTopology.Replication => at == 0 ? (SandboxRole.Primary, (IReadOnlyList<string>)[]) : (SandboxRole.Replica, [names[0]]),
            SandboxTopology.Ring => (SandboxRole.Peer, [names[(at + spec.NodeCount - 1) % spec.NodeCount]]),
            SandboxTopology.AllMasters => (SandboxRole.Peer, [.. names.Where((_, one) => one != at)]),
            SandboxTopology.FanIn => at < spec.MasterCount ? (SandboxRole.Primary, (IReadOnlyList<string>)[]) : (SandboxRole.Replica, [.. names.Take(spec.MasterCount)]),
            _ => throw new InvalidOperationException($"unknown topology {spec.Topology}"),
        };
        return new SandboxNode
        {
            Name = names[at],
            Folder = spec.Topology == SandboxTopology.Single ? "" : names[at],
            Port = port,
            ServerId = spec.ServerId ?? (uint)port,
            Role = role,
            Sources = sources,
        };
    }

    private static string NameOf(SandboxSpec spec, int at) => spec.Topology switch
    {
        SandboxTopology.Single => spec.FolderName,
        SandboxTopology.Replication => at == 0 ? "master" : $"node{at}",
        _ => $"node{at + 1}",
    };
}
