using System.Globalization;
using Flotilla.Chaos.Tests.Clients;

namespace Flotilla.Chaos.Tests.Checks;

/// <summary>What a fault cost: a line of the table.</summary>
/// <param name="Fault">Its name.</param>
/// <param name="Acknowledged">Rows that were acknowledged meanwhile.</param>
/// <param name="Lost">Those of them that are gone.</param>
/// <param name="GapsMs">For each client that was not hit itself: the longest time from one acknowledged row to the next.</param>
/// <param name="FullMs">From the fault until all servers followed again.</param>
/// <param name="Promotions">How many primaries were made.</param>
internal sealed record Outage(string Fault, int Acknowledged, int Lost, IReadOnlyList<int> GapsMs, int FullMs, int Promotions)
{
    /// <summary>Null for a client that got nothing after the fault.</summary>
    public static int? LongestGapMs(IEnumerable<Write> writes, long faultNs)
    {
        var answers = writes.Where(write => write.Outcome == WriteOutcome.Acknowledged).Select(write => write.EndedNs).Order().ToList();
        return answers.Zip(answers.Skip(1)).Where(pair => pair.Second > faultNs).Select(pair => (int?)((pair.Second - pair.First) / 1_000_000)).Max();
    }

    public string ToLine() => string.Create(CultureInfo.InvariantCulture, $"{Fault}\t{Acknowledged}\t{Lost}\t{string.Join(' ', GapsMs)}\t{FullMs}\t{Promotions}");

    public static Outage Parse(string line)
    {
        var words = line.Split('\t');
        return new(words[0], Number(words[1]), Number(words[2]), [.. words[3].Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(Number)], Number(words[4]), Number(words[5]));
    }

    private static int Number(string word) => int.Parse(word, CultureInfo.InvariantCulture);
}
