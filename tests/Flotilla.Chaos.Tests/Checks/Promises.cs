using Flotilla.Chaos.Tests.Clients;

namespace Flotilla.Chaos.Tests.Checks;

/// <summary>
/// Holds what clients noted against what servers have. A server answers an acknowledged write at some instant between its sending and its end, so one answer is certainly later than another when
/// it was asked for after the other had come.
/// </summary>
internal static class Promises
{
    private const int Shown = 8;

    /// <summary>All that was broken; empty when all is well.</summary>
    public static IReadOnlyList<string> Check(IReadOnlyCollection<Write> writes, IReadOnlyCollection<StoredRow> rows, IReadOnlyCollection<ServerContent> servers)
    {
        var stored = rows.ToDictionary(row => (row.Client, row.Id));
        return [.. NothingLost(writes, stored), .. NothingRefusedIsThere(writes, stored), .. OneServerPerEpoch(rows), .. NoOverlap(writes, stored), .. NoDivergence(servers), .. OnePrimary(servers)];
    }

    /// <summary>A server whose lease of that epoch was over at that time answered nothing in it that was asked later.</summary>
    public static IEnumerable<string> SilentAfter(IEnumerable<Write> writes, IEnumerable<StoredRow> rows, int host, ulong epoch, long leaseEndNs)
    {
        var ofEpoch = rows.Where(row => row.Epoch == epoch).Select(row => (row.Client, row.Id)).ToHashSet();
        return Listed(
            writes.Where(write => write.Outcome == WriteOutcome.Acknowledged && write.Host == host && write.SentNs > leaseEndNs && ofEpoch.Contains((write.Client, write.Row)))
                .Select(write => $"{Name(write)} {Ms(write.SentNs - leaseEndNs)} ms after it"),
            $"writes were acknowledged by server {host + 1} after its lease of epoch {epoch} was over");
    }

    private static IEnumerable<string> NothingLost(IEnumerable<Write> writes, Dictionary<(int Client, long Id), StoredRow> stored)
        => Listed(writes.Where(write => write.Outcome == WriteOutcome.Acknowledged && !stored.ContainsKey((write.Client, write.Row))).Select(Name), "acknowledged rows are lost");

    private static IEnumerable<string> NothingRefusedIsThere(IEnumerable<Write> writes, Dictionary<(int Client, long Id), StoredRow> stored)
        => Listed(writes.Where(write => write.Outcome == WriteOutcome.Refused && stored.ContainsKey((write.Client, write.Row))).Select(Name), "refused rows are there");

    private static IEnumerable<string> OneServerPerEpoch(IEnumerable<StoredRow> rows)
        => rows.Select(row => (row.Epoch, row.Server)).Distinct().GroupBy(one => one.Epoch).Where(epoch => epoch.Count() > 1)
            .Select(epoch => $"epoch {epoch.Key} was written by servers {string.Join(", ", epoch.Select(one => one.Server))}");

    /// <summary>
    /// Epochs follow one another: no answer of one is certainly later than an answer of a later one. So the latest sending of an earlier epoch's acknowledged writes is before the earliest answer of
    /// all later epochs.
    /// </summary>
    private static IEnumerable<string> NoOverlap(IEnumerable<Write> writes, Dictionary<(int Client, long Id), StoredRow> stored)
    {
        var acknowledged = writes.Where(write => write.Outcome == WriteOutcome.Acknowledged && stored.ContainsKey((write.Client, write.Row)))
            .Select(write => (Write: write, Row: stored[(write.Client, write.Row)])).ToList();
        foreach (var (write, row) in acknowledged.Where(one => one.Row.Server != one.Write.Host + 1).Take(Shown))
            yield return $"{Name(write)} was answered by server {write.Host + 1} and committed by {row.Server}";
        (Write Write, StoredRow Row)? firstOfLater = null;
        foreach (var epoch in acknowledged.GroupBy(one => one.Row.Epoch).OrderByDescending(epoch => epoch.Key))
        {
            var last = epoch.MaxBy(one => one.Write.SentNs);
            if (firstOfLater is { } later && last.Write.SentNs > later.Write.EndedNs)
            {
                yield return $"server {last.Row.Server} acknowledged {Name(last.Write)} in epoch {last.Row.Epoch} at least {Ms(last.Write.SentNs - later.Write.EndedNs)} ms after server {later.Row.Server} "
                    + $"had acknowledged {Name(later.Write)} in epoch {later.Row.Epoch}";
            }

            var first = epoch.MinBy(one => one.Write.EndedNs);
            if (firstOfLater is null || first.Write.EndedNs < firstOfLater.Value.Write.EndedNs)
                firstOfLater = first;
        }
    }

    private static IEnumerable<string> NoDivergence(IReadOnlyCollection<ServerContent> servers)
        => servers.Where(server => !server.HasSameAs(servers.First())).Select(server => $"{server} is not as {servers.First()}");

    private static IEnumerable<string> OnePrimary(IReadOnlyCollection<ServerContent> servers)
        => servers.Count(server => !server.IsReadOnly) == 1 ? [] : [$"writable are: {string.Join(", ", servers.Where(server => !server.IsReadOnly).Select(server => server.Server))}"];

    private static IEnumerable<string> Listed(IEnumerable<string> found, string what)
        => found.ToList() is { Count: > 0 } all ? [$"{all.Count} {what}: {string.Join(", ", all.Take(Shown))}"] : [];

    private static string Name(Write write) => $"row {write.Client}/{write.Row}";

    private static long Ms(long ns) => ns / 1_000_000;
}
