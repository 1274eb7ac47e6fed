using Flotilla.Groups.Core;
using Life = Flotilla.Simulation.Groups.TraceIndex.Life;

namespace Flotilla.Simulation.Groups.Checks;

/// <summary>The core found a state that cannot be: <c>Invariant.Require</c>.</summary>
internal sealed class DefectCheck : Check
{
    protected override void Run(TraceIndex trace)
    {
        for (var line = 0; line < trace.Events.Length; line++)
        {
            if (trace.Events[line].Kind == TraceKind.Defect)
                Fail(line, trace.Events[line].Text ?? "defect");
        }
    }
}

/// <summary>Installed views form one chain: one epoch, one view; later epochs start later.</summary>
internal sealed class I1ViewOrder : Check
{
    protected override void Run(TraceIndex trace)
    {
        for (var line = 0; line < trace.Events.Length; line++)
        {
            ref readonly var happened = ref trace.Events[line];
            if (happened is not { Kind: TraceKind.View, View: { } view })
                continue;
            var first = trace.Views[happened.Epoch];
            if (view.Epoch != happened.Epoch)
                Fail(line, $"the view says epoch {view.Epoch}, the install {happened.Epoch}");
            if (Describe(view) is var here && Describe(first.View) is var there && here != there)
                Fail(line, $"epoch {happened.Epoch} is {here}, but at line {first.Line} it is {there}");
        }

        ClusterView? before = null;
        foreach (var (epoch, (view, line)) in trace.Views)
        {
            if (before is not null && view.StartSequence <= before.StartSequence)
                Fail(line, $"epoch {epoch} starts at {view.StartSequence}, epoch {before.Epoch} before it at {before.StartSequence}");
            before = view;
        }
    }

    private static string Describe(ClusterView view)
        => $"{view.StartSequence} by {view.Sequencer}: {string.Join(' ', view.Members.Select(member => $"{member.Id}{(member.Role == MemberRole.Voter ? $"*{member.Weight}" : "")}"))}";
}

/// <summary>Who installs a view is in it.</summary>
internal sealed class I2SelfInclusion : Check
{
    protected override void Run(TraceIndex trace)
    {
        for (var line = 0; line < trace.Events.Length; line++)
        {
            ref readonly var happened = ref trace.Events[line];
            if (happened is { Kind: TraceKind.View, View: { } view } && !view.Contains(happened.Member))
                Fail(line, $"{happened.Member} installed epoch {happened.Epoch}, which it is not in");
        }
    }
}

/// <summary>A node's epochs grow, across restarts too, and no incarnation is used twice.</summary>
internal sealed class I3MonotoneEpochs : Check
{
    protected override void Run(TraceIndex trace)
    {
        var last = new Dictionary<NodeId, (ulong Epoch, uint Incarnation, Life Life)>();
        foreach (var life in trace.Lives)
        {
            foreach (var (epoch, line) in life.Installs)
            {
                var member = trace.Events[line].Member;
                if (last.TryGetValue(member.Node, out var before))
                {
                    if (epoch <= before.Epoch)
                        Fail(line, $"{member} installed epoch {epoch} after epoch {before.Epoch}");
                    if (before.Life != life && member.Incarnation <= before.Incarnation)
                        Fail(line, $"{member} lives again: incarnation {before.Incarnation} was used before");
                    if (before.Life == life && member.Incarnation != before.Incarnation)
                        Fail(line, $"{member} was incarnation {before.Incarnation} and was not evicted");
                }

                last[member.Node] = (epoch, member.Incarnation, life);
            }
        }
    }
}

/// <summary>Nothing is delivered before the first view, or before there is a state.</summary>
internal sealed class I4InitialView : Check
{
    protected override void Run(TraceIndex trace)
    {
        foreach (var life in trace.Lives)
        {
            var first = life.Installs.Count > 0 ? life.Installs[0].Line : int.MaxValue;
            foreach (var tenure in life.Tenures)
            {
                foreach (var delivered in tenure.Delivered)
                {
                    if (!delivered.IsReplay && delivered.Line < first)
                        Fail(delivered.Line, $"p{life.Process} delivered {delivered.Sequence} before its first view");
                    if (delivered.Line == tenure.StartLine)
                        Fail(delivered.Line, $"p{life.Process} delivered {delivered.Sequence} of {tenure.Group} without a state");
                    if (delivered.Line > tenure.EndLine)
                        Fail(delivered.Line, $"p{life.Process} delivered {delivered.Sequence} of {tenure.Group} after it lost the state");
                    break;
                }
            }
        }
    }
}

/// <summary>At most one view may act at an instant: who is out of a view has no lease any more when anybody installs that view.</summary>
internal sealed class I14PrimaryUniqueness : Check
{
    /// <summary>A node notices the end of its lease with a tick.</summary>
    private const long NoticeNs = 300_000_000;

    protected override void Run(TraceIndex trace)
    {
        if (trace.ClocksDrift)
            return;
        var firstInstalls = trace.Views.Values.Where(view => view.Line >= 0).ToDictionary(view => view.Line, view => view.View);
        var leases = new SortedDictionary<int, (ulong Epoch, long UntilNs, MemberId Member, bool IsPaused, bool IsPrimary, long ResumedNs)>();
        for (var line = 0; line < trace.Events.Length; line++)
        {
            ref readonly var happened = ref trace.Events[line];
            if (happened.Process >= 0)
                Follow(leases, happened);
            if (!firstInstalls.TryGetValue(line, out var view))
                continue;
            foreach (var (process, lease) in leases)
            {
                if (lease.Epoch == 0 || lease.Epoch >= view.Epoch || view.Contains(lease.Member))
                    continue;
                if (lease.UntilNs > happened.AtNs)
                    Fail(line, $"epoch {view.Epoch} is installed while p{process} ({lease.Member}), not in it, has the lease of epoch {lease.Epoch} for {(lease.UntilNs - happened.AtNs) / 1000} us more");
                else if (!trace.IsLoaded && lease.IsPrimary && !lease.IsPaused && Math.Max(lease.UntilNs, lease.ResumedNs) + NoticeNs < happened.AtNs)
                    Fail(line, $"epoch {view.Epoch} is installed and p{process} ({lease.Member}), not in it, was never told that its lease of epoch {lease.Epoch} ran out");
            }
        }
    }

    private static void Follow(SortedDictionary<int, (ulong Epoch, long UntilNs, MemberId Member, bool IsPaused, bool IsPrimary, long ResumedNs)> leases, in TraceEvent happened)
    {
        leases.TryGetValue(happened.Process, out var lease);
        switch (happened.Kind)
        {
            case TraceKind.Start or TraceKind.Crash:
                leases.Remove(happened.Process);
                break;
            case TraceKind.Evicted:
                leases[happened.Process] = lease with { Epoch = 0, IsPrimary = false };
                break;
            case TraceKind.View:
                leases[happened.Process] = lease with { Member = happened.Member };
                break;
            case TraceKind.Lease:
                leases[happened.Process] = lease with { Epoch = happened.Epoch, UntilNs = happened.UntilNs, IsPrimary = true };
                break;
            case TraceKind.Lost:
                leases[happened.Process] = lease with { Epoch = 0, IsPrimary = false };
                break;
            case TraceKind.Pause:
                leases[happened.Process] = lease with { IsPaused = true };
                break;
            case TraceKind.Resume:
                // It may act on what it reads from its clock at once, and be told a little later.
                leases[happened.Process] = lease with { IsPaused = false, ResumedNs = happened.AtNs };
                break;
        }
    }
}
