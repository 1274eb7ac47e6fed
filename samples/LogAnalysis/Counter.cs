using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Flotilla.Gearman;

namespace Flotilla.Samples.LogAnalysis;

/// <summary>Counts a batch of lines in the common log format.</summary>
internal static partial class Counter
{
    public const string Function = "loganalysis-count";

    public static async ValueTask<ReadOnlyMemory<byte>> RunAsync(GearmanJobContext job, CancellationToken cancellationToken)
    {
        var summary = new Summary();
        foreach (var line in job.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
            Count(summary, line);
        if (summary.Unreadable > 0)
            await job.SendProgressAsync(summary.Requests, summary.Requests + summary.Unreadable, cancellationToken);
        return JsonSerializer.SerializeToUtf8Bytes(summary, SummaryJson.Default.Summary);
    }

    private static void Count(Summary summary, string line)
    {
        var match = CommonLog().Match(line);
        if (!match.Success)
        {
            summary.Unreadable++;
            return;
        }

        var status = match.Groups["status"].Value;
        var path = match.Groups["path"].Value;
        summary.Requests++;
        summary.Bytes += long.TryParse(match.Groups["bytes"].Value, CultureInfo.InvariantCulture, out var bytes) ? bytes : 0;
        summary.ByStatus[status] = summary.ByStatus.GetValueOrDefault(status) + 1;
        summary.ByPath[path] = summary.ByPath.GetValueOrDefault(path) + 1;
    }

    [GeneratedRegex("""^\S+ \S+ \S+ \[[^\]]+\] "[A-Z]+ (?<path>[^ ?"]+)[^"]*" (?<status>\d{3}) (?<bytes>\d+|-)""", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex CommonLog();
}
