using Flotilla.Cluster.Core;
using Flotilla.Primitives;

namespace Flotilla.Simulation.Cluster;

/// <summary>
/// One seed: hosts with a node, a guard and a server each, a log they share, clients that write, and a plan of what goes wrong. In the end all is healed and has to be well again by
/// itself.
/// </summary>
public sealed partial class ClusterWorld
{
    private const long EventsMax = 3_000_000;

    private readonly PriorityQueue<Action, (long AtNs, ulong Tie)> _queue = new();
    private readonly List<string> _trace = [];
    private readonly SortedDictionary<string, long> _fired = new(StringComparer.Ordinal);
    private readonly ClusterNode[] _nodes;
    private readonly ModelGuard[] _guards;
    private readonly bool[,] _cut;
    private readonly ClusterFault[] _plan;
    private readonly IReadOnlySet<int> _masked;
    private ulong _tie;
    private ulong _transactions;
    private ulong _lives;
    private ulong _hash = 14695981039346656037;
    private long _events;

    private ClusterWorld(ulong seed, IReadOnlySet<int> masked)
    {
        Parameters = ClusterParameters.Draw(seed);
        Random = new SeededRandom(((seed + 7) * 0xBF58476D1CE4E5B9) | 1);
        _masked = masked;
        _plan = ClusterFault.Plan(Parameters, new SeededRandom(((seed + 3) * 0x94D049BB133111EB) | 1));
        _cut = new bool[Parameters.Nodes, Parameters.Nodes];
        Servers = [.. Enumerable.Range(0, Parameters.Nodes).Select(i => new ModelServer(this, new ServerName($"s{i}"), (uint)i + 1, i))];
        _guards = [.. Servers.Select(server => new ModelGuard(this, server))];
        _nodes = [.. Enumerable.Range(0, Parameters.Nodes).Select(i => new ClusterNode(this, i))];
        Log = new ModelLog(this, Parameters.Nodes);
        Checks = new ClusterChecks(this);
        foreach (var server in Servers)
            server.Allow(Servers.Select(other => other.Name));
    }

    /// <summary>The bugs that may be planted: none but in the build that has them.</summary>
    public static IReadOnlyList<string> PlantedBugs { get; } =
#if PLANTED_BUGS
        [.. Enum.GetNames<PlantedBug>().Where(name => name != nameof(PlantedBug.None))];
#else
        [];
#endif

    internal ClusterParameters Parameters { get; }

    internal SeededRandom Random { get; }

    internal List<ModelServer> Servers { get; }

    internal ModelLog Log { get; }

    internal ClusterChecks Checks { get; }

    internal long NowNs { get; private set; }

    internal long LastFaultNs { get; private set; } = long.MinValue / 2;

    /// <summary>Clients write no more.</summary>
    internal bool IsQuiet { get; private set; }

    internal long QuietSinceNs { get; private set; }

    internal bool IsOver { get; private set; }

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
                Seed = seed, Parameters = world.Parameters, Plan = world._plan, Hash = world._hash, Events = world._events, Trace = world._trace, Violations = world.Checks.Violations,
                Fired = world._fired,
            };
        }
        finally
        {
            Plant(null);
        }
    }

    internal ClusterNode Node(int index) => _nodes[index];

    internal ModelServer Server(ServerName name) => Servers.Find(server => server.Name == name)!;

    internal ModelGuard Guard(ModelServer server) => _guards[server.Host];

    internal bool IsLinked(int one, int other) => !_cut[one, other];

    internal long LinkDelayNs(int from, int to) => from == to ? Random.Next(5, 50) * 1_000L : (Parameters.LinkUs + Random.Next(Parameters.LinkUs)) * 1_000L;

    /// <summary>What replicas receive and acknowledge takes as long.</summary>
    internal long StreamDelayNs(int from, int to)
        => LinkDelayNs(from, to) + (from != to && (from == Parameters.SlowHost || to == Parameters.SlowHost) ? Random.Next(Parameters.SlowUs + 1) * 1_000L : 0);

    internal long CommitNs() => (Parameters.CommitUs + Random.Next(Parameters.CommitUs)) * 1_000L;

    internal long ApplyNs(ModelServer server) => (Parameters.ApplyUs + Random.Next(Parameters.ApplyUs)) * 500L * (server.Host == 0 ? 1 : 2);

    internal ulong NextTransaction() => ++_transactions;

    internal ulong NextLife() => ++_lives;

    internal void At(long atNs, Action what) => _queue.Enqueue(what, (Math.Max(atNs, NowNs), (Random.NextUInt64() & 0xFFFF_FFFF_0000_0000) | ++_tie));

    internal void After(long ns, Action what) => At(NowNs + ns, what);

    internal void Count(string what) => _fired[what] = _fired.GetValueOrDefault(what) + 1;

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
        Planted.Plant(bug is null ? PlantedBug.None : Enum.Parse<PlantedBug>(bug));
#else
        Invariant.Require(bug is null);
#endif
    }

    private void Run()
    {
        for (var i = 0; i < _nodes.Length; i++)
        {
            _nodes[i].Clock.Begin(0, Random.Next(1, 1_000) * 1_000_000_000L);
            _nodes[i].Clock.SetRate(0, Random.Next(-450, 450));
            var node = _nodes[i];
            At(Random.Next(1, 3_000) * 1_000_000L, node.Start);
        }

        for (var i = 0; i < Parameters.Clients; i++)
            After(Random.Next(1_000) * 1_000_000L, new ClusterClient(this, new SeededRandom(Random.NextUInt64() | 1)).Work);
        After(4_000_000_000, SetPolicy);
        for (var i = 0; i < _plan.Length; i++)
        {
            var (number, fault) = (i, _plan[i]);
            if (!_masked.Contains(number))
                At(fault.AtNs, () => Inflict(fault));
        }

        Watch();
        At(Parameters.FaultsEndNs + 12_000_000_000, Heal);
        At(Parameters.EndNs - 15_000_000_000, () => (IsQuiet, QuietSinceNs) = (true, NowNs));
        At(Parameters.EndNs, () => IsOver = true);
        while (!IsOver)
        {
            if (++_events > EventsMax)
            {
                Checks.Fail("C4", "something goes in circles");
                return;
            }

            _queue.TryDequeue(out var what, out var due);
            NowNs = due.AtNs;
            what!();
        }

        Checks.End();
        Count("seeds");
        for (var i = 0; i < Checks.AcknowledgedCount; i++)
            Count("acknowledged");
    }

    private void Watch()
    {
        Log.Watch();
        After(20_000_000, Watch);
    }
}
