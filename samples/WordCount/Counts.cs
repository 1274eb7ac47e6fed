using System.Globalization;
using System.Text;

namespace Flotilla.Samples.WordCount;

/// <summary>Counts on their way between jobs: lines of a word, a blank and a number.</summary>
internal static class Counts
{
    public static byte[] Write(IEnumerable<KeyValuePair<string, long>> counts)
    {
        var lines = new StringBuilder();
        foreach (var (word, count) in counts)
            lines.Append(CultureInfo.InvariantCulture, $"{word} {count}\n");
        return Encoding.UTF8.GetBytes(lines.ToString());
    }

    public static IEnumerable<KeyValuePair<string, long>> Parse(string lines)
    {
        foreach (var line in lines.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var blank = line.LastIndexOf(' ');
            yield return KeyValuePair.Create(line[..blank], long.Parse(line.AsSpan(blank + 1), CultureInfo.InvariantCulture));
        }
    }
}
