using Flotilla.Groups.Core;

namespace Flotilla.Simulation.Groups;

/// <summary>A trace taken apart: lives of processes, what each delivered per group, the chain of views.</summary>
internal sealed class TraceIndex
{
    private readonly Trace _trace;
    private readonly Dictionary<int, Life> _current = [];
    private readonly List<ulong> _epochs;

    public TraceIndex(Trace trace)
    {
        _trace = trace;
        for (var line = 0; line < Events.Length; line++)
            Take(line, Events[line]);
        foreach (var life in Lives)
            life.EndLine = life.EndLine < 0 ? Events.Length : life.EndLine;
        _epochs = [.. Views.Keys];
        foreach (var tenure in Lives.SelectMany(life => life.Tenures))
            Index(tenure);
    }

    public ReadOnlySpan<TraceEvent> Events => _trace.AsSpan();

    public List<Life> Lives { get; } = [];

    /// <summary>The first install of each epoch seen.</summary>
    public SortedDictionary<ulong, (ClusterView View, int Line)> Views { get; } = [];

    /// <summary>Messages by id: where they were sent, by whom, as which of its messages, and what its sender had seen.</summary>
    public Dictionary<ulong, Sent> Sends { get; } = [];

    /// <summary>What each message's place on the chain is, as far as anyone delivered it.</summary>
    public Dictionary<ulong, ulong> Places { get; } = [];

    /// <summary>Per group, what was delivered on the chain, in order.</summary>
    public SortedDictionary<string, SortedDictionary<ulong, Delivered>> Chain { get; } = new(StringComparer.Ordinal);

    /// <summary>Epochs that an operator forced: what only the others had is lost, and they did not vote.</summary>
    public HashSet<ulong> Forced { get; } = [];

    /// <summary>It tells what was accepted; traces of real processes do not.</summary>
    public bool HasVotes { get; private set; }

    public int HealLine { get; private set; } = -1;

    /// <summary>The processes that were healed.</summary>
    public HashSet<int> Core { get; private set; } = [];

    public int EndLine { get; private set; } = -1;

    public bool IsCalm { get; private set; }

    public bool ClocksDrift { get; private set; }

    /// <summary>Real processes on a machine that does other things too: they may notice late.</summary>
    public bool IsLoaded { get; private set; }

    public ulong GapBoundNs { get; private set; }

    /// <summary>The life a line belongs to; null for the world's.</summary>
    public Life? LifeAt(int line)
    {
        var process = Events[line].Process;
        return Lives.Find(life => life.Process == process && life.StartLine <= line && line < life.EndLine);
    }

    /// <summary>The first view after an epoch that anybody installed; null when there is none.</summary>
    public ClusterView? After(ulong epoch)
    {
        var at = _epochs.BinarySearch(epoch + 1);
        at = at < 0 ? ~at : at;
        return at < _epochs.Count ? Views[_epochs[at]].View : null;
    }

    /// <summary>Whether what was delivered there belongs to what the cluster went on with.</summary>
    public bool IsOnChain(ulong epoch, ulong sequence) => sequence < EndOf(epoch);

    /// <summary>
    /// The first position that is not an epoch's any more. Views between that nobody lived to install have one entry each, themselves; a forced one leaves numbers out that no view has.
    /// </summary>
    public ulong EndOf(ulong epoch)
    {
        if (After(epoch) is not { } next)
            return ulong.MaxValue;
        return Forced.Contains(next.Epoch) ? next.StartSequence : next.StartSequence - (next.Epoch - epoch - 1);
    }

    private void Take(int line, in TraceEvent happened)
    {
        switch (happened.Kind)
        {
            case TraceKind.Accepted:
                HasVotes = true;
                break;
            case TraceKind.Start:
                Begin(line, happened.Process);
                break;
            case TraceKind.Crash:
                End(line, happened.Process, happened.Text ?? "kill");
                break;
            case TraceKind.Heal:
                HealLine = line;
                Core = happened.Text!.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(int.Parse).ToHashSet();
                break;
            case TraceKind.End:
                EndLine = line;
                break;
            case TraceKind.Expect:
                IsCalm |= happened.Text == "calm";
                ClocksDrift |= happened.Text == "drift";
                IsLoaded |= happened.Text == "loaded";
                GapBoundNs = happened.Text == "gap" ? happened.Number : GapBoundNs;
                break;
            default:
                if (happened.Process >= 0 && _current.TryGetValue(happened.Process, out var life))
                    TakeOfLife(line, happened, life);
                break;
        }
    }

    private void TakeOfLife(int line, in TraceEvent happened, Life life)
    {
        switch (happened.Kind)
        {
            case TraceKind.Forced:
                life.IsForced = true;
                break;
            case TraceKind.View:
                if (life.IsForced)
                    Forced.Add(happened.Epoch);
                life.IsForced = false;
                Views.TryAdd(happened.Epoch, (happened.View!, line));
                life.Installs.Add((happened.Epoch, line));
                life.Member = happened.Member;
                break;
            case TraceKind.Evicted:
                End(line, happened.Process, "evicted");
                Begin(line + 1, happened.Process);
                break;
            case TraceKind.Send:
                Sends.TryAdd(happened.Message, new Sent(line, life, happened.Operation == TraceOperation.Query ? -1 : life.SentCount++, life.DeliveredTo, happened.Delivery, happened.Group!, happened.Token));
                break;
            case TraceKind.Create:
            case TraceKind.LoadCheckpoint:
                life.Open(happened.Group!, happened.Sequence, line, happened.Kind == TraceKind.Create);
                break;
            case TraceKind.Reset:
                life.Close(happened.Group!, line);
                break;
            case TraceKind.Deliver when happened.Delivery != Delivery.Raw:
                life.DeliveredTo = Math.Max(life.DeliveredTo, happened.Sequence);
                life.Tenure(happened.Group!, line).Delivered.Add(new Delivered(line, happened.Sequence, happened.Epoch, happened.Message, happened.Hash, happened.Delivery, happened.IsReplay));
                break;
        }
    }

    private void Begin(int line, int process)
    {
        var life = new Life { Process = process, StartLine = line };
        _current[process] = life;
        Lives.Add(life);
    }

    private void End(int line, int process, string how)
    {
        if (!_current.Remove(process, out var life))
            return;
        life.EndLine = line;
        life.EndedBy = how;
    }

    private void Index(Tenure tenure)
    {
        if (!Chain.TryGetValue(tenure.Group, out var chain))
            Chain[tenure.Group] = chain = [];
        foreach (var delivered in tenure.Delivered)
        {
            if (!IsOnChain(delivered.Epoch, delivered.Sequence))
                continue;
            chain.TryAdd(delivered.Sequence, delivered);
            Places.TryAdd(delivered.Message, delivered.Sequence);
        }
    }

    /// <summary>A message as it was sent; an external client's query has no place among its messages: number -1.</summary>
    internal sealed record Sent(int Line, Life By, int Number, ulong SeenTo, Delivery Delivery, string Group, ulong Token);

    /// <summary>A message as it was delivered.</summary>
    internal readonly record struct Delivered(int Line, ulong Sequence, ulong Epoch, ulong Message, ulong Hash, Delivery Delivery, bool IsReplay);

    /// <summary>One application's time with one group's state: from its creation or checkpoint to the end.</summary>
    internal sealed class Tenure(string group, ulong cut, int startLine, bool isCreated)
    {
        public string Group { get; } = group;

        /// <summary>The state holds everything to here.</summary>
        public ulong Cut { get; } = cut;

        public int StartLine { get; } = startLine;

        public bool IsCreated { get; } = isCreated;

        public int EndLine { get; set; } = int.MaxValue;

        public List<Delivered> Delivered { get; } = [];
    }

    /// <summary>One incarnation in one process.</summary>
    internal sealed class Life
    {
        public required int Process { get; init; }

        public required int StartLine { get; init; }

        public int EndLine { get; set; } = -1;

        /// <summary>"kill", "power", "stop", "evicted"; null while it goes on.</summary>
        public string? EndedBy { get; set; }

        /// <summary>Known with the first view.</summary>
        public MemberId Member { get; set; }

        public List<(ulong Epoch, int Line)> Installs { get; } = [];

        public List<Tenure> Tenures { get; } = [];

        /// <summary>Its next view is forced.</summary>
        public bool IsForced { get; set; }

        public int SentCount { get; set; }

        public ulong DeliveredTo { get; set; }

        public ulong EpochAt(int line)
        {
            ulong epoch = 0;
            foreach (var (installed, at) in Installs)
            {
                if (at > line)
                    break;
                epoch = installed;
            }

            return epoch;
        }

        public Tenure Tenure(string group, int line)
        {
            for (var i = Tenures.Count - 1; i >= 0; i--)
            {
                if (Tenures[i].Group == group)
                    return Tenures[i];
            }

            // Without a beginning: the initial-view check complains.
            return Open(group, 0, line, isCreated: false);
        }

        public Tenure Open(string group, ulong cut, int line, bool isCreated)
        {
            Close(group, line);
            var tenure = new Tenure(group, cut, line, isCreated);
            Tenures.Add(tenure);
            return tenure;
        }

        public void Close(string group, int line)
        {
            if (Tenures.FindLast(tenure => tenure.Group == group) is { EndLine: int.MaxValue } open)
                open.EndLine = line;
        }
    }
}
