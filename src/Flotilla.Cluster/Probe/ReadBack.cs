namespace Flotilla.Cluster.Probe;

/// <summary>Holds the rows that are there against what one writer was told.</summary>
internal sealed class ReadBack
{
    private readonly long _writer;
    private readonly IReadOnlyList<WriteOutcome> _outcomes;
    private readonly bool[] _seen;

    public ReadBack(long writer, IReadOnlyList<WriteOutcome> outcomes)
    {
        (_writer, _outcomes, _seen) = (writer, outcomes, new bool[outcomes.Count]);
    }

    public long Duplicates { get; private set; }

    public long Phantoms { get; private set; }

    public IEnumerable<ProbeRow> Lost => Numbers(WriteOutcome.Acknowledged, isThere: false).Select(number => new ProbeRow(_writer, number));

    public long UnknownWritten => Numbers(WriteOutcome.Unknown, isThere: true).LongCount();

    /// <summary>A row that is there. With another value than was written it is none of ours, and ours is not there.</summary>
    public void Add(long number, long value)
    {
        var isOurs = number >= 0 && number < _outcomes.Count && value == ProbeSession.ValueOf(new ProbeRow(_writer, number));
        if (!isOurs || _outcomes[(int)number] == WriteOutcome.Refused)
            Phantoms++;
        else if (_seen[number])
            Duplicates++;
        else
            _seen[number] = true;
    }

    private IEnumerable<long> Numbers(WriteOutcome outcome, bool isThere)
        => Enumerable.Range(0, _outcomes.Count).Where(number => _outcomes[number] == outcome && _seen[number] == isThere).Select(number => (long)number);
}
