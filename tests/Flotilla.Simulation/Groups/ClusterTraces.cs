using System.Globalization;

namespace Flotilla.Simulation.Groups;

/// <summary>
/// Splits the trace of a run in which one node was forced to go on beside others that lived: two clusters from there on, each of which keeps every promise
/// as if whoever is in the other one had died.
/// </summary>
internal static class ClusterTraces
{
    public static IReadOnlyList<Trace> Of(Trace trace)
    {
        for (var line = 0; line < trace.Events.Count; line++)
        {
            if (trace.Events[line] is { Kind: TraceKind.Forced, Text: not null } forced)
                return [Project(trace, line, process => process != forced.Process), Project(trace, line, process => process == forced.Process)];
        }

        return [trace];
    }

    private static Trace Project(Trace trace, int from, Func<int, bool> isIn)
    {
        var part = new Trace();
        for (var line = 0; line < from; line++)
            part.Add(trace.Events[line]);
        var atNs = trace.Events[from].AtNs;
        foreach (var process in trace.Events.Take(from).Select(happened => happened.Process).Where(process => process >= 0 && !isIn(process)).Distinct().Order())
            part.Add(new TraceEvent { AtNs = atNs, Process = process, Kind = TraceKind.Crash, Text = "kill" });
        foreach (var happened in trace.Events.Skip(from))
        {
            if (happened.Kind == TraceKind.Heal)
                part.Add(happened with { Text = string.Join(' ', happened.Text!.Split(' ', StringSplitOptions.RemoveEmptyEntries).Where(process => isIn(int.Parse(process, CultureInfo.InvariantCulture)))) });
            else if (happened.Process < 0 || isIn(happened.Process))
                part.Add(happened);
        }

        return part;
    }
}
