using Flotilla.Groups.Core;
using Life = Flotilla.Simulation.Groups.TraceIndex.Life;

namespace Flotilla.Simulation.Groups.Checks;

/// <summary>What checks of liveness share: only a run that was healed, and ended, has to go on.</summary>
internal abstract class LivenessCheck : Check
{
    protected sealed override void Run(TraceIndex trace)
    {
        if (trace.HealLine < 0 || trace.EndLine < 0)
            return;
        List<Life> lives = [.. trace.Lives.Where(life => life.EndedBy is null && trace.Core.Contains(life.Process))];
        Run(trace, lives);
    }

    protected abstract void Run(TraceIndex trace, List<Life> core);
}

/// <summary>After healing the core ends in one view, which holds all of the core and nobody else.</summary>
internal sealed class L1Convergence : LivenessCheck
{
    protected override void Run(TraceIndex trace, List<Life> core)
    {
        foreach (var life in core)
        {
            var last = life.Installs.Count > 0 ? trace.Events[life.Installs[^1].Line].View : null;
            if (last is null)
                Fail(trace.EndLine, $"p{life.Process} of the healed core is in no view");
            else if (trace.Views.Count > 0 && last.Epoch != trace.Views.Keys.Last())
                Fail(trace.EndLine, $"p{life.Process} of the healed core ended in epoch {last.Epoch}, others are in {trace.Views.Keys.Last()}");
            else if (!core.TrueForAll(other => last.Contains(other.Member)) || last.Members.Length != core.Count)
                Fail(trace.EndLine, $"p{life.Process} of the healed core ended in a view of {string.Join(' ', last.Members.Select(member => member.Id))}; the core is {string.Join(' ', core.Select(other => $"p{other.Process}={other.Member}"))}");
        }
    }
}

/// <summary>Every command that a member of the core gave ends.</summary>
internal sealed class L2Termination : LivenessCheck
{
    protected override void Run(TraceIndex trace, List<Life> core)
    {
        var (healed, ended) = (trace.Events[trace.HealLine].AtNs, trace.Events[trace.EndLine].AtNs);
        var longAgoNs = ended - ((ended - healed) / 4);
        var open = new SortedDictionary<(int Process, ulong Token), int>();
        for (var line = 0; line < trace.Events.Length; line++)
        {
            ref readonly var happened = ref trace.Events[line];
            switch (happened.Kind)
            {
                case TraceKind.Command or TraceKind.Send when happened.Token != 0:
                    open[(happened.Process, happened.Token)] = line;
                    break;
                case TraceKind.Outcome when happened.Member == default:
                    open.Remove((happened.Process, happened.Token));
                    break;
                case TraceKind.Crash:
                    var crashed = happened.Process;
                    foreach (var key in open.Keys.Where(key => key.Process == crashed).ToList())
                        open.Remove(key);
                    break;
            }
        }

        foreach (var ((process, token), line) in open)
        {
            if (core.Exists(life => life.Process == process) && trace.Events[line].AtNs < longAgoNs)
                Fail(line, $"command {token} of p{process} ({trace.Events[line].Operation} {trace.Events[line].Delivery}) never ended");
        }
    }
}

/// <summary>Whoever of the core wants a group's state has it in the end.</summary>
internal sealed class L3Joins : LivenessCheck
{
    protected override void Run(TraceIndex trace, List<Life> core)
    {
        foreach (var life in core)
        {
            var wanted = new SortedDictionary<string, int>(StringComparer.Ordinal);
            for (var line = 0; line < trace.Events.Length; line++)
            {
                ref readonly var happened = ref trace.Events[line];
                if (happened.Process != life.Process)
                    continue;
                if (happened.Kind is TraceKind.Start)
                    wanted.Clear();
                else if (happened is { Kind: TraceKind.Command, Operation: TraceOperation.Join })
                    wanted[happened.Group!] = line;
                else if (happened is { Kind: TraceKind.Command, Operation: TraceOperation.Leave } or { Kind: TraceKind.Outcome, Operation: TraceOperation.Join, Result: CommandResult.Refused })
                    wanted.Remove(happened.Group!);
            }

            foreach (var (group, line) in wanted)
            {
                if (!life.Tenures.Exists(tenure => tenure.Group == group && tenure.EndLine == int.MaxValue))
                    Fail(line, $"p{life.Process} joined {group} and has no state of it in the end");
            }
        }
    }
}

/// <summary>In a calm run (single links cut, short pauses, some loss) nobody is removed.</summary>
internal sealed class L4NoNeedlessEviction : Check
{
    protected override void Run(TraceIndex trace)
    {
        if (!trace.IsCalm)
            return;
        for (var line = 0; line < trace.Events.Length; line++)
        {
            if (trace.Events[line].Kind == TraceKind.Evicted)
                Fail(line, $"{trace.Events[line].Member} (p{trace.Events[line].Process}) was evicted in a calm run: {trace.Events[line].Text}");
        }

        ClusterView? before = null;
        foreach (var (epoch, (view, line)) in trace.Views)
        {
            foreach (var member in before?.Members ?? [])
            {
                if (!view.Contains(member.Id))
                    Fail(line, $"epoch {epoch} is without {member.Id} in a calm run");
            }

            before = view;
        }
    }
}

/// <summary>In a calm run with steady messages the deliveries at a member never pause longer than the bound.</summary>
internal sealed class L5BoundedGap : Check
{
    protected override void Run(TraceIndex trace)
    {
        if (trace.GapBoundNs == 0)
            return;
        var last = new Dictionary<int, long>();
        for (var line = 0; line < trace.Events.Length; line++)
        {
            ref readonly var happened = ref trace.Events[line];
            if (happened.Kind is TraceKind.Heal or TraceKind.End)
                break;
            if (happened.Kind is TraceKind.Crash or TraceKind.Reset or TraceKind.Pause)
                last.Remove(happened.Process);
            if (happened.Kind != TraceKind.Deliver)
                continue;
            if (last.TryGetValue(happened.Process, out var before) && happened.AtNs - before > (long)trace.GapBoundNs)
                Fail(line, $"p{happened.Process} delivered nothing for {(happened.AtNs - before) / 1_000_000} ms; the bound is {trace.GapBoundNs / 1_000_000} ms");
            last[happened.Process] = happened.AtNs;
        }
    }
}

/// <summary>Once the core has healed and settled, views stop changing.</summary>
internal sealed class L6NoLivelock : LivenessCheck
{
    protected override void Run(TraceIndex trace, List<Life> core)
    {
        var (healed, ended) = (trace.Events[trace.HealLine].AtNs, trace.Events[trace.EndLine].AtNs);
        var quietFrom = ended - ((ended - healed) / 6);
        for (var line = trace.HealLine; line < trace.EndLine; line++)
        {
            if (trace.Events[line].Kind == TraceKind.View && trace.Events[line].AtNs > quietFrom)
                Fail(line, $"p{trace.Events[line].Process} installs epoch {trace.Events[line].Epoch} {(trace.Events[line].AtNs - healed) / 1_000_000} ms after everything was healed");
        }
    }
}

/// <summary>Nothing that a process keeps grows without a bound.</summary>
internal sealed class L7BoundedMemory : Check
{
    protected override void Run(TraceIndex trace)
    {
        for (var line = 0; line < trace.Events.Length; line++)
        {
            ref readonly var gauge = ref trace.Events[line];
            if (gauge.Kind == TraceKind.Gauge && gauge.Number > gauge.Sequence)
                Fail(line, $"p{gauge.Process} keeps {gauge.Number} of {gauge.Text}; the bound is {gauge.Sequence}");
        }
    }
}
