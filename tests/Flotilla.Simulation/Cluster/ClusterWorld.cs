using Flotilla.Cluster.Core;
using Flotilla.Groups.Core;
using Flotilla.Primitives;
using Flotilla.Simulation.Groups;

namespace Flotilla.Simulation.Cluster;

/// <summary>
/// One seed: hosts with a node, a guard and a server each, the group that the nodes are, clients that write, and a plan of what goes wrong. In the end all is healed and has to be well
/// again by itself.
/// </summary>
public sealed partial class ClusterWorld : NodeWorld
{
    private const long EventsMax = 3_000_000;

    /// <summary>Between two looks whether all is well, and how long it has to be before the run may end.</summary>
    private const long WellPeriodNs = 100_000_000;

    private const long WellNs = 2_000_000_000;

    /// <summary>What was suspected while something was wrong may be acted on for so long: a member is dropped, leases end.</summary>
    private const long AftermathNs = 4_000_000_000;

    private readonly List<string> _trace = [];
    private readonly List<ClusterState> _checkpoints = [];
    private readonly ClusterNode[] _nodes;
    private readonly ModelGuard[] _guards;
    private readonly ClusterFault[] _plan;
    private readonly IReadOnlySet<int> _masked;
    private ulong _transactions;
    private ulong _lives;
    private ulong _hash = 14695981039346656037;
    private long _events;
    private long _wellSinceNs = long.MaxValue;

    private ClusterWorld(ulong seed, IReadOnlySet<int> masked)
        : base(ClusterParameters.Draw(seed), static (world, node, _) => new ClusterNode((ClusterWorld)world, node))
    {
        _masked = masked;
        _plan = ClusterFault.Plan(Parameters, new SeededRandom(((seed + 3) * 0x94D049BB133111EB) | 1));
        (_slowHost, _slowUs) = (Parameters.SlowHost, Parameters.SlowUs);
        (_offUntilNs, _wakesAtNs) = (new long[Parameters.Nodes], new long[Parameters.Nodes]);
        Servers = [.. Enumerable.Range(0, Parameters.Servers).Select(i => new ModelServer(this, new ServerName($"s{i}"), (uint)i + 1, i))];
        _guards = [.. Servers.Select(server => new ModelGuard(this, server))];
        _nodes = [.. Nodes.Select(node => (ClusterNode)node.Application)];
        Agreed = new AgreedLog(this);
        Checks = new ClusterChecks(this);
        foreach (var server in Servers)
            server.Allow(Servers.Select(other => other.Name));
    }

    /// <summary>The bugs that may be planted: none but in the build that has them.</summary>
    public static IReadOnlyList<string> PlantedBugs { get; } =
#if PLANTED_BUGS
        [.. Enum.GetNames<Flotilla.Cluster.Core.PlantedBug>().Where(name => name != nameof(Flotilla.Cluster.Core.PlantedBug.None))];
#else
        [];
#endif

    internal new ClusterParameters Parameters => (ClusterParameters)base.Parameters;

    internal List<ModelServer> Servers { get; }

    internal AgreedLog Agreed { get; }

    internal ClusterChecks Checks { get; }

    internal long NowNs => Queue.NowNs;

    /// <summary>What went wrong last is over then.</summary>
    internal long LastFaultNs { get; private set; } = long.MinValue / 2;

    /// <summary>All was well since the last fault was over: from then on nothing has a cause.</summary>
    internal bool IsWellSinceFault { get; private set; }

    /// <summary>Clients write no more.</summary>
    internal bool IsQuiet { get; private set; }

    internal long QuietSinceNs { get; private set; }

    /// <summary>Every node is there, and sees all others.</summary>
    internal bool IsWhole => Array.TrueForAll(_nodes, node => node.Machine is { } machine && machine.View.Members.Length == _nodes.Length && !node.Host.IsPaused);

    /// <summary>Runs a seed from its beginning to its end.</summary>
    public static ClusterRun Run(ulong seed, IReadOnlySet<int>? masked = null, string? plantedBug = null)
    {
        Plant(plantedBug);
        try
        {
            var world = new ClusterWorld(seed, masked ?? new HashSet<int>());
            world.Run();
            return new ClusterRun
            {
                Seed = seed, Parameters = world.Parameters, Plan = world._plan, Hash = world._hash, Events = world._events, VirtualNs = world.NowNs, Trace = world._trace, Violations = world.Checks.Violations,
                Fired = world.Fired,
            };
        }
        finally
        {
            Plant(null);
        }
    }

    internal new ClusterNode Node(int index) => _nodes[index];

    internal ModelServer Server(ServerName name) => Servers.Find(server => server.Name == name)!;

    internal ModelServer? ServerOf(int host) => host < Servers.Count ? Servers[host] : null;

    internal ModelGuard Guard(ModelServer server) => _guards[server.Host];

    /// <summary>What the configuration of a host's node says.</summary>
    internal IEnumerable<ServerSpec> SpecsOf(int host) => Servers.Where(server => server.Host == host).Select(server => new ServerSpec
    {
        Name = server.Name, Kind = Parameters.Kind, Host = server.Name.ToString(), Port = 3306, ServerId = server.Id, Priority = Parameters.Priorities[host], IsWatched = host == Parameters.Watched,
    });

    /// <summary>Whether a connection can be opened, and used.</summary>
    internal bool IsLinked(int one, int other) => one == other || Network.IsOpen(one, other);

    /// <summary>Whether what one host says comes to the other.</summary>
    internal bool IsReached(int from, int to) => from == to || !Network.Link(from, to).IsCut;

    internal long LinkDelayNs(int from, int to) => from == to ? Random.Next(5, 50) * 1_000L : (Parameters.LinkUs + Random.Next(Parameters.LinkUs)) * 1_000L;

    /// <summary>What replicas receive and acknowledge takes as long.</summary>
    internal long StreamDelayNs(int from, int to)
        => LinkDelayNs(from, to) + (from != to && (from == _slowHost || to == _slowHost) ? Random.Next(_slowUs + 1) * 1_000L : 0);

    internal long ApplyNs(ModelServer server) => (Parameters.ApplyUs + Random.Next(Parameters.ApplyUs)) * 500L * (server.Host == 0 ? 1 : 2);

    internal ulong NextTransaction() => ++_transactions;

    internal ulong NextLife() => ++_lives;

    internal void At(long atNs, Action what) => Queue.At(atNs, new WorldEvent(WorldEventKind.Mend, -1, Payload: what));

    internal void After(long ns, Action what) => At(NowNs + ns, what);

    /// <summary>A checkpoint's only piece: its number.</summary>
    internal byte[] BodyOf(ClusterState state)
    {
        _checkpoints.Add(state);
        return BitConverter.GetBytes(_checkpoints.Count - 1);
    }

    internal ClusterState StateOf(ReadOnlySpan<byte> body) => _checkpoints[BitConverter.ToInt32(body)];

    internal override void Defect(SimNode node, Exception thrown)
    {
        if (IsOver)
            return;
        IsOver = true;
        Checks.Fail("defect", $"{node.Address}: {thrown}");
    }

    internal override void Told(SimNode node, in NodeEvent happened)
    {
        if (TellsAll)
            Say(node.Address, $"{happened.Kind} {happened.Peer} {happened.Text}");
    }

    internal override void Installed(ClusterView view)
    {
        if (Newest is null || view.Epoch > Newest.Epoch)
            Say("group", $"view {view.Epoch}: {string.Join(' ', view.Members.Select(member => member.Name))}");
        base.Installed(view);
    }

    internal void Say(ModelServer server, string what) => Say(server.Name.ToString(), what);

    internal void Say(NodeName node, string what) => Say(node.ToString(), what);

    internal void Say(string who, string what)
    {
        var line = $"{NowNs / 1_000_000,6} {who} {what}";
        _trace.Add(line);
        foreach (var letter in line)
            _hash = (_hash ^ letter) * 1099511628211;
    }

    /// <summary>What the coordinator says, and the servers.</summary>
    internal string Reason() => string.Join("; ", _nodes.Where(node => node.Machine is not null).Select(node => $"{node.Name}: {node.Machine!.Reason}, {string.Join(", ", node.Machine.Reasons.Select(one => $"{one.Key} {one.Value}"))}"));

    internal string Reason(ModelServer server) => _nodes[server.Host].Machine is { } machine ? string.Join(", ", machine.Reasons.Select(one => one.Value)) : "no node";

    internal void LogGrew(ModelServer source)
    {
        foreach (var server in Servers)
        {
            if (server.Source == source)
                server.Pump();
        }
    }

    internal void ServerEnded(ModelServer server)
    {
        Guard(server).ServerEnded();
        _nodes[server.Host].TellGuard();
    }

    private static void Plant(string? bug)
    {
#if PLANTED_BUGS
        Planted.Plant(bug is null ? default : Enum.Parse<Flotilla.Cluster.Core.PlantedBug>(bug));
#else
        Invariant.Require(bug is null);
#endif
    }

    private void Run()
    {
        for (var i = 0; i < _nodes.Length; i++)
            Queue.At(Random.Next(1, 1_500) * 1_000_000L, new WorldEvent(WorldEventKind.Start, i));
        for (var i = 0; i < Parameters.Clients; i++)
            After(Random.Next(1_000) * 1_000_000L, new ClusterClient(this, new SeededRandom(Random.NextUInt64() | 1)).Work);
        After(4_000_000_000, SetPolicy);
        if (Parameters.Kind == ServerKind.MySql)
            After(MendPeriodNs, Mend);
        if (Parameters.Watched >= 0)
            LookAfter(Servers[Parameters.Watched]);
        for (var i = 0; i < _plan.Length; i++)
        {
            var (number, fault) = (i, _plan[i]);
            if (!_masked.Contains(number))
                At(fault.AtNs, () => Inflict(fault));
        }

        Queue.At(10_000_000, new WorldEvent(WorldEventKind.Dial, -1));
        At(Parameters.HealNs, Heal);
        At(Parameters.EndNs, BeQuiet);
        Watch();
        while (!IsOver)
        {
            if (++_events > EventsMax)
            {
                Checks.Fail("C4", "something goes in circles");
                return;
            }

            Do(Queue.Take());
        }

        Checks.End();
        Count("seeds");
        Fired["acknowledged"] = Checks.AcknowledgedCount;
    }

    private void Do(in WorldEvent due)
    {
        if (due.Kind != WorldEventKind.Start || !IsOff(due.Node))
            DoCommon(due);
    }

    private void Watch()
    {
        After(WellPeriodNs, Watch);
        var isWell = Checks.IsWell();
        _wellSinceNs = isWell ? Math.Min(_wellSinceNs, NowNs) : long.MaxValue;
        IsWellSinceFault |= isWell && NowNs - Math.Max(LastFaultNs, _wellSinceNs) >= AftermathNs;
        if (isWell && _isHealed && !IsQuiet && NowNs - _wellSinceNs >= WellNs && NowNs > Parameters.HealNs + WellNs)
            BeQuiet();
    }

    // What is on its way has to arrive.
    private void BeQuiet()
    {
        if (IsQuiet)
            return;
        (IsQuiet, QuietSinceNs) = (true, NowNs);
        var isInTime = NowNs < Parameters.EndNs;
        After(isInTime ? 2_000_000_000 : 10_000_000_000, () => IsOver = true);
    }
}
