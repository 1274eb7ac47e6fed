using Flotilla.Groups.Core;
using Delivered = Flotilla.Simulation.Groups.TraceIndex.Delivered;
using Life = Flotilla.Simulation.Groups.TraceIndex.Life;
using Tenure = Flotilla.Simulation.Groups.TraceIndex.Tenure;

namespace Flotilla.Simulation.Groups.Checks;

/// <summary>A message is delivered in the same view by all: the one that is installed where it is delivered.</summary>
internal sealed class I5SameView : Check
{
    protected override void Run(TraceIndex trace)
    {
        var epochs = new Dictionary<ulong, (ulong Epoch, ulong Sequence, int Line)>();
        foreach (var life in trace.Lives)
        {
            foreach (var (tenure, delivered) in life.Tenures.SelectMany(tenure => tenure.Delivered.Select(delivered => (tenure, delivered))))
            {
                if (delivered.IsReplay)
                    continue;
                if (life.EpochAt(delivered.Line) is var installed && installed != 0 && installed != delivered.Epoch && !WasHeld(trace, life, tenure, delivered, installed))
                    Fail(delivered.Line, $"message {delivered.Message} of epoch {delivered.Epoch} was delivered in epoch {installed}");
                if (!trace.IsOnChain(delivered.Epoch, delivered.Sequence))
                    continue;
                if (!epochs.TryAdd(delivered.Message, (delivered.Epoch, delivered.Sequence, delivered.Line)) && epochs[delivered.Message] is var other && other.Epoch != delivered.Epoch)
                    Fail(delivered.Line, $"message {delivered.Message} was delivered in epoch {delivered.Epoch} here, in epoch {other.Epoch} at line {other.Line}");
            }
        }
    }

    // What came while the state of the group was on its way is delivered when it is there: in its order, but after later views of the cluster.
    private static bool WasHeld(TraceIndex trace, Life life, Tenure tenure, in Delivered delivered, ulong installed)
    {
        if (delivered.Epoch >= installed || trace.EndOf(delivered.Epoch) == ulong.MaxValue || !trace.IsOnChain(delivered.Epoch, delivered.Sequence))
            return false;
        var epoch = delivered.Epoch;
        return life.Installs.Exists(install => install.Epoch > epoch && install.Line < tenure.StartLine);
    }
}

/// <summary>All who go from one view to the next delivered the same in it, in the same order.</summary>
internal sealed class I6VirtualSynchrony : Check
{
    protected override void Run(TraceIndex trace)
    {
        var references = new Dictionary<(ulong Epoch, ulong Next, string Group), (List<Delivered> Delivered, ulong From, Life Life)>();
        foreach (var life in trace.Lives)
        {
            for (var i = 1; i < life.Installs.Count; i++)
            {
                var (from, to) = (life.Installs[i - 1], life.Installs[i]);
                foreach (var tenure in life.Tenures.Where(tenure => tenure.StartLine < to.Line && tenure.EndLine > to.Line))
                    Compare(references, (from.Epoch, to.Epoch, tenure.Group), life, tenure, to.Line);
            }
        }
    }

    private void Compare(Dictionary<(ulong Epoch, ulong Next, string Group), (List<Delivered> Delivered, ulong From, Life Life)> references, (ulong Epoch, ulong Next, string Group) key, Life life, Tenure tenure, int line)
    {
        var mine = tenure.Delivered.FindAll(delivered => delivered.Epoch == key.Epoch && delivered.Line < line);
        if (!references.TryGetValue(key, out var reference))
        {
            references[key] = (mine, tenure.Cut, life);
            return;
        }

        var from = Math.Max(reference.From, tenure.Cut);
        var left = reference.Delivered.Where(delivered => delivered.Sequence > from).Select(delivered => (delivered.Sequence, delivered.Message)).ToList();
        var right = mine.Where(delivered => delivered.Sequence > from).Select(delivered => (delivered.Sequence, delivered.Message)).ToList();
        if (!left.SequenceEqual(right))
        {
            var differs = left.Except(right).Concat(right.Except(left)).OrderBy(one => one.Sequence).FirstOrDefault();
            Fail(line, $"p{life.Process} and p{reference.Life.Process} went from epoch {key.Epoch} to {key.Next} with {right.Count} and {left.Count} messages of {key.Group}: they differ at {differs.Sequence} (message {differs.Message})");
        }

        if (tenure.Cut < reference.From)
            references[key] = (mine, tenure.Cut, life);
    }
}

/// <summary>One order for all, without holes from the state's cut on.</summary>
internal sealed class I7TotalOrder : Check
{
    protected override void Run(TraceIndex trace)
    {
        foreach (var (group, chain) in trace.Chain)
        {
            ulong[] places = [.. chain.Keys];
            foreach (var life in trace.Lives)
            {
                foreach (var tenure in life.Tenures.Where(tenure => tenure.Group == group))
                    Follow(trace, life, tenure, chain, places);
            }
        }
    }

    private void Follow(TraceIndex trace, Life life, Tenure tenure, SortedDictionary<ulong, Delivered> chain, ulong[] places)
    {
        var last = tenure.Cut;
        var at = Array.BinarySearch(places, tenure.Cut + 1);
        at = at < 0 ? ~at : at;
        foreach (var delivered in tenure.Delivered)
        {
            if (delivered.Sequence <= last)
                Fail(delivered.Line, $"p{life.Process} delivered {delivered.Sequence} of {tenure.Group} after {last}");
            last = delivered.Sequence;
            if (!trace.IsOnChain(delivered.Epoch, delivered.Sequence))
                continue;
            if (chain[delivered.Sequence] is var canonical && (canonical.Message != delivered.Message || canonical.Epoch != delivered.Epoch))
                Fail(delivered.Line, $"p{life.Process} delivered message {delivered.Message} (epoch {delivered.Epoch}) as {delivered.Sequence} of {tenure.Group}, but at line {canonical.Line} it is {canonical.Message} (epoch {canonical.Epoch})");
            if (at < places.Length && places[at] < delivered.Sequence)
                Fail(delivered.Line, $"p{life.Process} delivered {delivered.Sequence} of {tenure.Group} without {places[at]}, which line {chain[places[at]].Line} delivered");
            while (at < places.Length && places[at] <= delivered.Sequence)
                at++;
        }
    }
}

/// <summary>A sender's messages keep its order, and come after everything it had seen.</summary>
internal sealed class I8CausalOrder : Check
{
    protected override void Run(TraceIndex trace)
    {
        foreach (var life in trace.Lives)
        {
            foreach (var tenure in life.Tenures)
            {
                var last = new Dictionary<Life, (int Number, ulong Message)>();
                foreach (var delivered in tenure.Delivered)
                {
                    if (!trace.Sends.TryGetValue(delivered.Message, out var sent) || sent.Number < 0)
                        continue;
                    if (last.TryGetValue(sent.By, out var before) && before.Number >= sent.Number)
                        Fail(delivered.Line, $"p{life.Process} delivered message {delivered.Message} of p{sent.By.Process} after its later message {before.Message}");
                    last[sent.By] = (sent.Number, delivered.Message);
                    if (delivered.Sequence <= sent.SeenTo && trace.IsOnChain(delivered.Epoch, delivered.Sequence))
                        Fail(delivered.Line, $"message {delivered.Message} is {delivered.Sequence}, but its sender p{sent.By.Process} had seen {sent.SeenTo} when it sent it");
                }
            }
        }
    }
}

/// <summary>What is delivered was sent, once, by whom it says, and comes once.</summary>
internal sealed class I9Integrity : Check
{
    protected override void Run(TraceIndex trace)
    {
        var places = new Dictionary<ulong, (ulong Sequence, int Line)>();
        for (var line = 0; line < trace.Events.Length; line++)
        {
            ref readonly var happened = ref trace.Events[line];
            if (happened.Kind != TraceKind.Deliver)
                continue;
            if (!trace.Sends.TryGetValue(happened.Message, out var sent) || sent.Line > line)
                Fail(line, $"p{happened.Process} delivered message {happened.Message}, which nobody had sent");
            else if (sent.Group != happened.Group)
                Fail(line, $"message {happened.Message} was sent to {sent.Group} and delivered in {happened.Group}");
            else if (sent.By.Member != default && happened.Member != default && sent.By.Member != happened.Member && (happened.Delivery != Delivery.Raw || sent.By.Member.Node != happened.Member.Node))
                Fail(line, $"message {happened.Message} was sent by {sent.By.Member} and delivered as of {happened.Member}");
            if (happened.Delivery == Delivery.Raw || !trace.IsOnChain(happened.Epoch, happened.Sequence))
                continue;
            if (!places.TryAdd(happened.Message, (happened.Sequence, line)) && places[happened.Message].Sequence != happened.Sequence)
                Fail(line, $"message {happened.Message} was delivered as {happened.Sequence} here, as {places[happened.Message].Sequence} at line {places[happened.Message].Line}");
        }

        foreach (var tenure in trace.Lives.SelectMany(life => life.Tenures))
        {
            var seen = new HashSet<ulong>();
            foreach (var delivered in tenure.Delivered)
            {
                if (!seen.Add(delivered.Message))
                    Fail(delivered.Line, $"message {delivered.Message} was delivered twice");
            }
        }
    }
}

/// <summary>Who stays delivers its own messages, or is told that nobody knows.</summary>
internal sealed class I10SelfDelivery : Check
{
    protected override void Run(TraceIndex trace)
    {
        var delivered = new HashSet<(Life Life, ulong Message)>();
        foreach (var life in trace.Lives)
            delivered.UnionWith(life.Tenures.SelectMany(tenure => tenure.Delivered).Select(one => (life, one.Message)));
        var outcomes = new Dictionary<(int Process, ulong Token), (CommandResult Result, int Line)>();
        for (var line = 0; line < trace.Events.Length; line++)
        {
            ref readonly var outcome = ref trace.Events[line];
            if (outcome is { Kind: TraceKind.Outcome, Operation: TraceOperation.Send })
                outcomes[(outcome.Process, outcome.Token)] = (outcome.Result, line);
        }

        foreach (var (message, sent) in trace.Sends)
        {
            if (sent.Delivery == Delivery.Raw || delivered.Contains((sent.By, message)))
                continue;
            var outcome = outcomes.GetValueOrDefault((sent.By.Process, sent.Token));
            var stays = sent.By.Tenures.Exists(tenure => tenure.Group == sent.Group && tenure.StartLine < sent.Line && tenure.EndLine == int.MaxValue);
            if (outcome.Result == CommandResult.Done && stays && sent.By.EndedBy is null)
                Fail(outcome.Line, $"p{sent.By.Process} was told that its message {message} is done, but never delivered it");
            else if (outcome.Result == default && sent.Token != 0 && stays && sent.By.EndedBy is null && trace.EndLine >= 0 && trace.Core.Contains(sent.By.Process))
                Fail(sent.Line, $"p{sent.By.Process} stays, never delivered its own message {message} and was told nothing");
        }
    }
}
