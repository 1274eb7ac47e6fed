using System.Runtime.InteropServices;

namespace Flotilla.Simulation.Groups;

/// <summary>Everything of interest that happened in one run, in the order of one clock.</summary>
public sealed class Trace
{
    private readonly List<TraceEvent> _events = [];

    public IReadOnlyList<TraceEvent> Events => _events;

    internal ReadOnlySpan<TraceEvent> AsSpan() => CollectionsMarshal.AsSpan(_events);

    public void Add(in TraceEvent happened) => _events.Add(happened);

    /// <summary>Reads lines, of several processes perhaps, and puts them in the order of their clock.</summary>
    public static Trace Read(IEnumerable<string> lines)
    {
        var trace = new Trace();
        trace._events.AddRange(lines.Where(line => line.Length > 0 && line[0] != '#').Select(TraceLine.Read).OrderBy(line => line.AtNs));
        return trace;
    }

    /// <summary>The last lines, for a person.</summary>
    public IEnumerable<string> Tail(int count) => _events.Skip(Math.Max(0, _events.Count - count)).Select(happened => TraceLine.Write(happened));
}
