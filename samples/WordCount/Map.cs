using Flotilla.Gearman;

namespace Flotilla.Samples.WordCount;

/// <summary>Counts the words of one text and sends them in parts, one for each reduce job.</summary>
internal static class Map
{
    public const string Function = "wordcount-map";

    /// <summary>Reduce jobs; every map job must agree.</summary>
    public const int Parts = 4;

    public static async ValueTask<ReadOnlyMemory<byte>> RunAsync(GearmanJobContext job, CancellationToken cancellationToken)
    {
        var counts = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var word in Words(job.Text))
            counts[word] = counts.GetValueOrDefault(word) + 1;
        for (var part = 0; part < Parts; part++)
            await job.SendDataAsync(Counts.Write(counts.Where(count => PartOf(count.Key) == part)), cancellationToken);
        return default;
    }

    private static IEnumerable<string> Words(string text)
    {
        var start = -1;
        for (var i = 0; i <= text.Length; i++)
        {
            var inWord = i < text.Length && (char.IsLetterOrDigit(text[i]) || (text[i] == '\'' && start >= 0));
            if (inWord && start < 0)
                start = i;
            if (inWord || start < 0)
                continue;
            yield return text[start..i].TrimEnd('\'').ToLowerInvariant();
            start = -1;
        }
    }

    /// <summary>The same on every host; string.GetHashCode is not.</summary>
    private static int PartOf(string word)
    {
        var hash = 2166136261;
        foreach (var letter in word)
            hash = (hash ^ letter) * 16777619;
        return (int)(hash % Parts);
    }
}
