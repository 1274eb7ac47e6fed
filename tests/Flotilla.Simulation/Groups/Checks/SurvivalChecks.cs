using Flotilla.Groups.Core;
using Delivered = Flotilla.Simulation.Groups.TraceIndex.Delivered;
using Life = Flotilla.Simulation.Groups.TraceIndex.Life;

namespace Flotilla.Simulation.Groups.Checks;

/// <summary>What checks of survival share: what was delivered in an epoch beyond where the cluster went on.</summary>
internal abstract class SurvivalCheck : Check
{
    protected static IEnumerable<(Life Life, Delivered Delivered, ClusterView Next)> Lost(TraceIndex trace)
    {
        foreach (var life in trace.Lives)
        {
            foreach (var delivered in life.Tenures.SelectMany(tenure => tenure.Delivered))
            {
                if (!trace.IsOnChain(delivered.Epoch, delivered.Sequence) && trace.After(delivered.Epoch) is { } next)
                    yield return (life, delivered, next);
            }
        }
    }

    /// <summary>Weight of the voters of a view that lost their power before a line: in the life that is in the view, or in a later one.</summary>
    protected static int WithoutPower(TraceIndex trace, ClusterView view, int toLine)
    {
        var gone = new HashSet<NodeId>();
        foreach (var life in trace.Lives)
        {
            if (life.EndLine < toLine && life.EndedBy == "power" && view.Find(life.Member.Node) is { } member && life.Member.Incarnation >= member.Id.Incarnation)
                gone.Add(life.Member.Node);
        }

        return view.Members.Sum(member => member.Role == MemberRole.Voter && gone.Contains(member.Id.Node) ? member.Weight : 0);
    }
}

/// <summary>A safe message that anybody delivered is known to everybody who goes on; unless a majority of its voters lost their power.</summary>
internal sealed class I11Uniformity : SurvivalCheck
{
    protected override void Run(TraceIndex trace)
    {
        foreach (var (life, delivered, next) in Lost(trace))
        {
            if (delivered.Delivery != Delivery.Safe || trace.Forced.Contains(next.Epoch))
                continue;
            if (!trace.Views.TryGetValue(delivered.Epoch, out var epoch) || 2 * WithoutPower(trace, epoch.View, trace.Views[next.Epoch].Line) <= epoch.View.TotalWeight)
                Fail(delivered.Line, $"p{life.Process} delivered the safe message {delivered.Message} as {delivered.Sequence} in epoch {delivered.Epoch}, but epoch {next.Epoch} begins at {next.StartSequence} without it");
        }
    }
}

/// <summary>A durable message that anybody delivered survives the loss of all power too.</summary>
internal sealed class I12Durability : SurvivalCheck
{
    protected override void Run(TraceIndex trace)
    {
        foreach (var (life, delivered, next) in Lost(trace))
        {
            if (delivered.Delivery == Delivery.SafeDurable && !trace.Forced.Contains(next.Epoch))
                Fail(delivered.Line, $"p{life.Process} delivered the durable message {delivered.Message} as {delivered.Sequence} in epoch {delivered.Epoch}, but epoch {next.Epoch} begins at {next.StartSequence} without it");
        }
    }
}

/// <summary>An ordered message may vanish only with everybody who delivered it.</summary>
internal sealed class I13Optimistic : SurvivalCheck
{
    protected override void Run(TraceIndex trace)
    {
        foreach (var (life, delivered, next) in Lost(trace))
        {
            foreach (var (epoch, line) in life.Installs)
            {
                if (epoch > delivered.Epoch && line > delivered.Line)
                {
                    Fail(line, $"p{life.Process} went on to epoch {epoch} with message {delivered.Message}, delivered as {delivered.Sequence} in epoch {delivered.Epoch}, but epoch {next.Epoch} begins at {next.StartSequence} without it");
                    break;
                }
            }
        }
    }
}

/// <summary>Equal positions, equal states; a newcomer's state is the donor's at the cut.</summary>
internal sealed class I16CheckpointConsistency : Check
{
    protected override void Run(TraceIndex trace)
    {
        var hashes = new Dictionary<(string Group, ulong Sequence), (ulong Hash, int Line)>();
        foreach (var life in trace.Lives)
        {
            foreach (var tenure in life.Tenures)
            {
                foreach (var delivered in tenure.Delivered)
                {
                    if (!trace.IsOnChain(delivered.Epoch, delivered.Sequence))
                        continue;
                    if (!hashes.TryAdd((tenure.Group, delivered.Sequence), (delivered.Hash, delivered.Line)) && hashes[(tenure.Group, delivered.Sequence)] is var other && other.Hash != delivered.Hash)
                        Fail(delivered.Line, $"the state of {tenure.Group} at {delivered.Sequence} is {delivered.Hash:x} at p{life.Process}, but {other.Hash:x} at line {other.Line}");
                }
            }
        }

        var tables = new Dictionary<(ulong Epoch, ulong Sequence), (ulong Hash, int Line)>();
        var dictionaries = new Dictionary<string, (ulong Hash, int Line)>(StringComparer.Ordinal);
        var made = new HashSet<(string Group, ulong Sequence, ulong Hash)>();
        for (var line = 0; line < trace.Events.Length; line++)
        {
            ref readonly var happened = ref trace.Events[line];
            if (happened.Kind == TraceKind.Dictionary && !dictionaries.TryAdd(happened.Group!, (happened.Hash, line)) && dictionaries[happened.Group!] is var first && first.Hash != happened.Hash)
                Fail(line, $"the dictionary of {happened.Group} is {happened.Hash:x} at p{happened.Process} in the end, but {first.Hash:x} at line {first.Line}");
            if (happened.Kind == TraceKind.Tables && !tables.TryAdd((happened.Epoch, happened.Sequence), (happened.Hash, line)) && tables[(happened.Epoch, happened.Sequence)] is var shared && shared.Hash != happened.Hash)
                Fail(line, $"the shared tables at {happened.Sequence} are {happened.Hash:x} at p{happened.Process}, but {shared.Hash:x} at line {shared.Line}");
            if (happened.Kind == TraceKind.MakeCheckpoint)
                made.Add((happened.Group!, happened.Sequence, happened.Hash));
            else if (happened.Kind == TraceKind.LoadCheckpoint && !made.Contains((happened.Group!, happened.Sequence, happened.Hash)))
                Fail(line, $"p{happened.Process} loaded a state of {happened.Group} at {happened.Sequence} with hash {happened.Hash:x} that nobody made");
        }
    }
}

/// <summary>No state crosses from another cluster, and a wiped node is another node. A forced view, and only that, begins another cluster.</summary>
internal sealed class I17ForeignState : Check
{
    protected override void Run(TraceIndex trace)
    {
        ClusterId cluster = default;
        var used = new Dictionary<int, HashSet<NodeId>>();
        var forbidden = new Dictionary<int, HashSet<NodeId>>();
        for (var line = 0; line < trace.Events.Length; line++)
        {
            ref readonly var happened = ref trace.Events[line];
            switch (happened.Kind)
            {
                case TraceKind.Wipe:
                    forbidden[happened.Process] = used.TryGetValue(happened.Process, out var nodes) ? [.. nodes] : [];
                    break;
                case TraceKind.View when happened.View is { } view:
                    var begins = trace.Forced.Contains(view.Epoch) && trace.Views[view.Epoch].Line == line;
                    if (begins && view.Cluster == cluster)
                        Fail(line, $"p{happened.Process} was forced to go on alone, and still is in cluster {cluster}");
                    if (!begins && cluster != default && view.Cluster != cluster)
                        Fail(line, $"p{happened.Process} is in cluster {view.Cluster}, others are in {cluster}");
                    cluster = view.Cluster;
                    if (!used.TryGetValue(happened.Process, out var mine))
                        used[happened.Process] = mine = [];
                    mine.Add(happened.Member.Node);
                    if (forbidden.TryGetValue(happened.Process, out var gone) && gone.Contains(happened.Member.Node))
                        Fail(line, $"p{happened.Process} is {happened.Member}, whose disk was wiped");
                    break;
            }
        }
    }
}

/// <summary>A flush that is done is true: that many members have all its sender's earlier messages.</summary>
internal sealed class I18Flush : Check
{
    protected override void Run(TraceIndex trace)
    {
        var commands = new Dictionary<(int Process, ulong Token), int>();
        for (var line = 0; line < trace.Events.Length; line++)
        {
            ref readonly var happened = ref trace.Events[line];
            if (happened.Operation != TraceOperation.Flush)
                continue;
            if (happened.Kind == TraceKind.Command)
                commands[(happened.Process, happened.Token)] = line;
            else if (happened.Result == CommandResult.Done && happened.Text is not null && commands.TryGetValue((happened.Process, happened.Token), out var asked))
                Require(trace, line, happened, asked);
        }
    }

    // Text: how far each member's log reached when the flush was done, "sequence sequence ...".
    private void Require(TraceIndex trace, int line, in TraceEvent done, int asked)
    {
        var command = trace.Events[asked];
        ulong last = 0;
        foreach (var (message, sent) in trace.Sends)
        {
            if (sent.Line < asked && sent.By.Process == done.Process && sent.Line >= sent.By.StartLine && sent.By.EndLine > line && sent.Delivery != Delivery.Raw && sent.Group == command.Group && trace.Places.TryGetValue(message, out var place))
                last = Math.Max(last, place);
        }

        var members = done.Text!.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var held = members.Select(ulong.Parse).Count(reached => reached >= last);
        if ((ulong)held < Math.Min(command.Number, (ulong)members.Length))
            Fail(line, $"p{done.Process} was told that {command.Number} members have its messages to {last}; {held} have");
    }
}

/// <summary>A query ends once, with one outcome of each member at most, and all of them when all were asked. Nobody waits for who has left.</summary>
internal sealed class I19Query : Check
{
    protected override void Run(TraceIndex trace)
    {
        var open = new Dictionary<(int Process, ulong Token), (HashSet<MemberId> From, bool IsOver)>();
        var members = new Dictionary<(int Process, string Group), string>();
        for (var line = 0; line < trace.Events.Length; line++)
        {
            ref readonly var happened = ref trace.Events[line];
            Follow(members, happened);
            if (happened is { Kind: TraceKind.Outcome, Operation: TraceOperation.Query, Result: CommandResult.TimedOut, Group: { } group } && happened.Member != default
                && members.TryGetValue((happened.Process, group), out var known) && !known.Split(' ').Contains(happened.Member.ToString()))
            {
                Fail(line, $"query {happened.Token} of p{happened.Process} waited for {happened.Member}, which had left {group}");
            }

            if (happened.Operation != TraceOperation.Query || happened.Kind is not (TraceKind.Command or TraceKind.Outcome))
                continue;
            var key = (happened.Process, happened.Token);
            if (happened.Kind == TraceKind.Command)
            {
                open[key] = ([], false);
                continue;
            }

            if (!open.TryGetValue(key, out var query))
                Fail(line, $"p{happened.Process} got an outcome of query {happened.Token}, which it did not ask");
            else if (query.IsOver)
                Fail(line, $"p{happened.Process} got {happened.Result} of query {happened.Token} after its end");
            else if (happened.Member == default)
                open[key] = query with { IsOver = true };
            else if (!query.From.Add(happened.Member))
                Fail(line, $"p{happened.Process} got two outcomes of {happened.Member} for query {happened.Token}");
            if (happened.Member == default && happened.Result == CommandResult.Done && query.From is not null && (ulong)query.From.Count < happened.Number)
                Fail(line, $"query {happened.Token} of p{happened.Process} is done with {query.From.Count} outcomes, {happened.Number} members were asked");
        }
    }

    // Whom the application knows to be in a group: by the views it was shown.
    private static void Follow(Dictionary<(int Process, string Group), string> members, in TraceEvent happened)
    {
        switch (happened.Kind)
        {
            case TraceKind.GroupView when happened is { Group: not null, Text: not null }:
                members[(happened.Process, happened.Group)] = happened.Text;
                break;
            case TraceKind.Reset when happened.Group is not null:
                members.Remove((happened.Process, happened.Group));
                break;
            case TraceKind.Start or TraceKind.Crash or TraceKind.Evicted:
                var process = happened.Process;
                foreach (var key in members.Keys.Where(key => key.Process == process).ToArray())
                    members.Remove(key);
                break;
        }
    }
}

/// <summary>Fencing tokens of a lock only grow, and two holders never think they may act.</summary>
internal sealed class I20Locks : Check
{
    protected override void Run(TraceIndex trace)
    {
        var tokens = new Dictionary<(string Lock, ulong Token), (Life? Life, int Line)>();
        var asked = new Dictionary<(int Process, ulong Token), string>();
        var holds = new List<(string Lock, ulong Token, Life Life, int From, int To)>();
        for (var line = 0; line < trace.Events.Length; line++)
        {
            ref readonly var happened = ref trace.Events[line];
            if (happened is { Kind: TraceKind.Command, Operation: TraceOperation.Lock })
                asked[(happened.Process, happened.Token)] = happened.Text!;
            if (happened is { Kind: TraceKind.Command, Operation: TraceOperation.Unlock })
                Release(holds, happened.Text!, happened.Process, line);
            if (happened is not { Kind: TraceKind.Outcome, Operation: TraceOperation.Lock, Result: CommandResult.Done } || !asked.TryGetValue((happened.Process, happened.Token), out var name) || trace.LifeAt(line) is not { } life)
                continue;
            if (!tokens.TryAdd((name, happened.Number), (life, line)) && tokens[(name, happened.Number)].Line != line)
                Fail(line, $"lock {name} was given to p{happened.Process} with the fencing token {happened.Number} of line {tokens[(name, happened.Number)].Line}");
            holds.Add((name, happened.Number, life, line, int.MaxValue));
        }

        for (var i = 0; i < holds.Count; i++)
        {
            for (var j = i + 1; j < holds.Count; j++)
                Compare(trace, holds[i], holds[j]);
        }
    }

    private static void Release(List<(string Lock, ulong Token, Life Life, int From, int To)> holds, string name, int process, int line)
    {
        var at = holds.FindLastIndex(hold => hold.Lock == name && hold.Life.Process == process && hold.To == int.MaxValue);
        if (at >= 0)
            holds[at] = holds[at] with { To = line };
    }

    private void Compare(TraceIndex trace, (string Lock, ulong Token, Life Life, int From, int To) first, (string Lock, ulong Token, Life Life, int From, int To) second)
    {
        if (first.Lock != second.Lock)
            return;
        if (first.Life == second.Life && second.Token <= first.Token)
            Fail(second.From, $"lock {first.Lock} was given to p{second.Life.Process} with fencing token {second.Token} after {first.Token}");
        var (older, newer) = first.Token < second.Token ? (first, second) : (second, first);
        if (older.Life == newer.Life || newer.From < older.From || trace.ClocksDrift)
            return;
        if (older.To > newer.From && older.Life.EndLine > newer.From && HasLease(trace, older.Life, newer.From))
            Fail(newer.From, $"lock {first.Lock} was given to p{newer.Life.Process} (token {newer.Token}) while p{older.Life.Process} holds it (token {older.Token}) and may act");
    }

    private static bool HasLease(TraceIndex trace, Life life, int line)
    {
        var until = long.MinValue;
        for (var at = life.StartLine; at < line; at++)
        {
            if (trace.Events[at].Process != life.Process)
                continue;
            until = trace.Events[at].Kind switch
            {
                TraceKind.Lease => trace.Events[at].UntilNs,
                TraceKind.Lost => long.MinValue,
                _ => until,
            };
        }

        return until > trace.Events[line].AtNs;
    }
}
