using Flotilla.Gearman;

namespace Flotilla.Samples.WordCount;

/// <summary>Adds up the counts that several map jobs have for the same words.</summary>
internal static class Reduce
{
    public const string Function = "wordcount-reduce";

    public static ValueTask<ReadOnlyMemory<byte>> RunAsync(GearmanJobContext job, CancellationToken cancellationToken)
    {
        var sums = new SortedDictionary<string, long>(StringComparer.Ordinal);
        foreach (var (word, count) in Counts.Parse(job.Text))
            sums[word] = sums.GetValueOrDefault(word) + count;
        return ValueTask.FromResult<ReadOnlyMemory<byte>>(Counts.Write(sums));
    }
}
