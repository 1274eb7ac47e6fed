using System.Globalization;
using System.Runtime.InteropServices;
using Flotilla.Groups.Core;
using Flotilla.Primitives;

namespace Flotilla.Simulation.Groups;

/// <summary>
/// One seed: hosts with nodes and applications, a network between them, and a plan of what goes wrong. First everything may go wrong and
/// nothing may be false; then a majority is healed and has to go on.
/// </summary>
public sealed partial class GroupWorld : NodeWorld
{
    /// <summary>Most things that may happen in one run: beyond it something sends in circles.</summary>
    private const long EventsMax = 6_000_000;

    /// <summary>A few times what a node may keep for a slow member, and checkpoints of the largest states.</summary>
    private const ulong KeptBytesMax = 12 << 20;

    /// <summary>In a calm run: the suspicion time, a pause, and frames lost on top.</summary>
    private const ulong GapMaxNs = 1_000_000_000;

    private readonly long[] _reports = new long[64];
    private readonly long[] _deliveries = new long[16];
    private readonly IReadOnlySet<int> _masked;
    private readonly PlannedFault[] _plan;
    private readonly bool _isJudged;
    private ulong _effectHash = 14695981039346656037;
    private ulong _messages;
    private long _events;

    private GroupWorld(ulong seed, RunOptions options)
        : base(WorldParameters.Draw(seed), static (world, node, random) => new SimApplication((GroupWorld)world, node, random))
    {
        _masked = options.MaskedFaults;
        _isJudged = options.IsJudged;
        _plan = PlannedFault.Plan(Parameters, Source(4));
        _clients = new SimClient[Parameters.Clients];
        for (var i = 0; i < _clients.Length; i++)
            _clients[i] = new SimClient(this, FirstClientProcess + i, Source(10_000 + (ulong)i));
    }

    /// <summary>The bugs that may be planted: none but in the build that has them.</summary>
    public static IReadOnlyList<string> PlantedBugs { get; } =
#if PLANTED_BUGS
        [.. Enum.GetNames<PlantedBug>().Where(name => name != nameof(PlantedBug.None))];
#else
        [];
#endif

    internal new WorldParameters Parameters => (WorldParameters)base.Parameters;

    internal Trace Trace { get; } = new();

    /// <summary>No more work: what is open has to end.</summary>
    internal bool IsQuiet { get; private set; }

    /// <summary>Runs a seed from its beginning to its end and holds its trace against every promise.</summary>
    public static RunResult Run(ulong seed, RunOptions? options = null)
    {
        options ??= new RunOptions();
        Plant(options.PlantedBug);
        try
        {
            var world = new GroupWorld(seed, options);
            world.Run();
            return world.Result(seed);
        }
        finally
        {
            Plant(null);
        }
    }

    internal ulong NextMessage() => ++_messages;

    internal override void Note(in TraceEvent happened)
    {
        if (_isJudged)
            Trace.Add(happened);
        Effect(((ulong)happened.Kind << 56) ^ ((ulong)happened.Process << 48) ^ happened.Message ^ (happened.Sequence << 20) ^ (happened.Epoch << 40) ^ happened.Hash);
    }

    internal override void Told(SimNode node, in NodeEvent happened)
    {
        _reports[(int)happened.Kind]++;
        if (TellsAll)
            Note(new TraceEvent { AtNs = Queue.NowNs, Process = node.Index, Kind = TraceKind.Told, Number = happened.Number, Text = $"{happened.Kind} {happened.Peer} {happened.Text}" });
    }

    internal void Count(Delivery delivery) => _deliveries[(int)delivery]++;

    internal override void Effect(ulong what) => _effectHash = (_effectHash ^ what ^ (ulong)Queue.NowNs) * 1099511628211;

    internal override void Effect(ReadOnlySpan<byte> bytes)
    {
        var hash = _effectHash;
        foreach (var word in MemoryMarshal.Cast<byte, ulong>(bytes))
            hash = (hash ^ word) * 1099511628211;
        foreach (var rest in bytes[(bytes.Length & ~7)..])
            hash = (hash ^ rest) * 1099511628211;
        _effectHash = hash ^ (hash >> 29);
    }

    internal override void Defect(SimNode node, Exception thrown)
    {
        if (IsOver)
            return;
        IsOver = true;
        var where = thrown is InvariantViolationException ? "" : thrown.StackTrace?.Split('\n').FirstOrDefault()?.Trim() ?? "";
        Note(new TraceEvent { AtNs = Queue.NowNs, Process = node.Index, Kind = TraceKind.Defect, Text = $"{thrown.Message} {where}{(thrown is InvariantViolationException ? "" : thrown.StackTrace)}" });
    }

    /// <summary>A view was installed somewhere: counts what kind of change it is when it is the first time.</summary>
    internal override void Installed(ClusterView view)
    {
        if (Newest is not null && (view.Epoch <= Newest.Epoch || (_beside is not null && view.Cluster != Newest.Cluster)))
            return;
        foreach (var change in ViewChanges.Between(Newest, view))
            Count("view: " + change);
        base.Installed(view);
    }

    /// <summary>How far the log of each member of the newest view of somebody's cluster reaches.</summary>
    internal string Held(SimNode by)
        => string.Join(' ', Nodes.Where(node => _beside == by ? node == by : node != _beside && (Newest is null || Newest.Members.Any(member => member.Address == node.Address))).Select(node => Math.Max(node.HeldBefore, Math.Max(node.Disk.EntriesTo, node.Machine?.Log.State.Log.Head ?? 0)).ToString(CultureInfo.InvariantCulture)));

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
        if (Parameters.IsCalm)
        {
            Note(new TraceEvent { AtNs = 0, Process = -1, Kind = TraceKind.Expect, Text = "calm" });
            Note(new TraceEvent { AtNs = 0, Process = -1, Kind = TraceKind.Expect, Text = "gap", Number = GapMaxNs });
        }

        for (var i = 0; i < Nodes.Length; i++)
        {
            var isLate = i >= Parameters.Founders || Random.OneIn(4);
            Queue.At(isLate ? Random.Next(1, 8_000) * 1_000_000L : Random.Next(1, 50) * 1_000_000L, new WorldEvent(WorldEventKind.Start, i));
        }

        for (var i = 0; i < _plan.Length; i++)
        {
            if (!_masked.Contains(i))
                Queue.At(_plan[i].AtNs, new WorldEvent(WorldEventKind.Fault, _plan[i].Node, i));
        }

        for (var i = 0; i < _clients.Length; i++)
        {
            _clients[i].Start();
            Queue.At(2_000_000_000 + i, new WorldEvent(WorldEventKind.ClientWork, -1, i));
        }

        Queue.At(10_000_000, new WorldEvent(WorldEventKind.Dial, -1));
        Queue.At(Parameters.SafetyNs, new WorldEvent(WorldEventKind.Heal, -1));
        Queue.At(Parameters.SafetyNs + (Parameters.LivenessNs / 2), new WorldEvent(WorldEventKind.Quiet, -1));
        Queue.At(Parameters.SafetyNs + Parameters.LivenessNs, new WorldEvent(WorldEventKind.End, -1));
        while (!IsOver)
        {
            if (++_events > EventsMax)
            {
                Note(new TraceEvent { AtNs = Queue.NowNs, Process = -1, Kind = TraceKind.Gauge, Text = "events", Number = (ulong)_events, Sequence = (ulong)EventsMax });
                break;
            }

            Do(Queue.Take());
            FollowStory();
        }
    }

    private void Do(in WorldEvent due)
    {
        switch (due.Kind)
        {
            case WorldEventKind.Start when _staysDown.Contains(due.Node):
                break;
            case WorldEventKind.ClientWork:
                _clients[due.Other].Work();
                Queue.After(Random.Next(20, 600) * 1_000_000L, due);
                break;
            case WorldEventKind.ClientReceives:
                _clients[due.Other].Receive((uint)due.Number, (byte[])due.Payload!);
                break;
            case WorldEventKind.Fault:
                Inflict(due.Other);
                break;
            case WorldEventKind.Heal:
                Heal();
                break;
            case WorldEventKind.Quiet:
                IsQuiet = true;
                break;
            case WorldEventKind.End:
                End();
                break;
            default:
                DoCommon(due);
                break;
        }
    }

    private void End()
    {
        foreach (var node in Nodes.Where(node => node.IsRunning && !_staysDown.Contains(node.Index)))
        {
            foreach (var group in ApplicationOf(node).Groups.Where(group => group is { HasState: true, Dictionary: not null }))
                Note(new TraceEvent { AtNs = Queue.NowNs, Process = node.Index, Kind = TraceKind.Dictionary, Group = group.Name, Hash = HashOf(group.Dictionary!) });
            Note(new TraceEvent { AtNs = Queue.NowNs, Process = node.Index, Kind = TraceKind.Gauge, Text = "bytes on disk", Number = (ulong)node.Disk.SizeBytes, Sequence = KeptBytesMax });
            Note(new TraceEvent { AtNs = Queue.NowNs, Process = node.Index, Kind = TraceKind.Gauge, Text = "bytes in memory", Number = (ulong)(node.Machine?.RetainedBytes ?? 0), Sequence = KeptBytesMax });
        }

        Note(new TraceEvent { AtNs = Queue.NowNs, Process = -1, Kind = TraceKind.End });
        IsOver = true;
    }

    private static SimApplication ApplicationOf(SimNode node) => (SimApplication)node.Application;

    private static ulong HashOf(DictionaryCopy copy)
    {
        ulong hash = 1;
        foreach (var (key, item) in copy.Current)
        {
            hash = SimMessage.Mix(hash ^ key[^1] ^ (item.Version << 8));
            foreach (var value in item.Value.Span)
                hash = (hash ^ value) * 1099511628211;
        }

        return hash;
    }

    private RunResult Result(ulong seed)
    {
        foreach (var kind in Enum.GetValues<NodeEventKind>().Where(kind => _reports[(int)kind] > 0))
            Fired["told: " + kind] = _reports[(int)kind];
        foreach (var delivery in Enum.GetValues<Delivery>().Where(delivery => _deliveries[(int)delivery] > 0))
            Fired["delivered: " + delivery] = _deliveries[(int)delivery];
        foreach (var (what, count) in new[] { ("frame lost", Network.Lost), ("frame doubled", Network.Doubled), ("frame overtaken", Network.Overtaken) })
        {
            if (count > 0)
                Fired[what] = count;
        }

        return new RunResult
        {
            Seed = seed, Parameters = Parameters, Plan = _plan, EffectHash = _effectHash, Events = _events, VirtualNs = Queue.NowNs, Trace = Trace,
            Violations = _isJudged ? Checker.Check(Trace) : [], Fired = Fired,
        };
    }
}
