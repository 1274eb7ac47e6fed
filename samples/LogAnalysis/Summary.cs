namespace Flotilla.Samples.LogAnalysis;

/// <summary>What was counted in some lines; two of them make one.</summary>
internal sealed class Summary
{
    public long Requests { get; set; }

    public long Bytes { get; set; }

    public long Unreadable { get; set; }

    public Dictionary<string, long> ByStatus { get; init; } = new(StringComparer.Ordinal);

    public Dictionary<string, long> ByPath { get; init; } = new(StringComparer.Ordinal);

    public void Add(Summary other)
    {
        Requests += other.Requests;
        Bytes += other.Bytes;
        Unreadable += other.Unreadable;
        Merge(ByStatus, other.ByStatus);
        Merge(ByPath, other.ByPath);
    }

    private static void Merge(Dictionary<string, long> into, Dictionary<string, long> from)
    {
        foreach (var (key, count) in from)
            into[key] = into.GetValueOrDefault(key) + count;
    }
}
