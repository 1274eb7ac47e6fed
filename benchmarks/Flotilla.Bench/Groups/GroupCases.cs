using Flotilla.Bench.Jobs;

namespace Flotilla.Bench.Groups;

/// <summary>What is done with a group; the same for corosync's and for ours.</summary>
internal static class GroupCases
{
    private const int SmallBytes = 64;
    private const int LargeBytes = 8192;

    /// <summary>Between two messages of a member while something is killed or cut.</summary>
    private const int WatchIntervalUs = 2000;

    public static async Task WaitForMembersAsync(IReadOnlyList<Probe> probes, int count)
    {
        for (var attempt = 0; attempt < 300; attempt++)
        {
            var all = true;
            foreach (var probe in probes)
                all &= (await probe.AskAsync("members"))[0] == count;
            if (all)
                return;
            await Task.Delay(100);
        }

        throw new BenchException($"the group did not come to {count} members");
    }

    /// <summary>p50 and p99 in microseconds with one message outstanding.</summary>
    public static async Task<(double P50, double P99)> LatencyAsync(Probe probe, int count, string delivery)
    {
        var figures = await probe.AskAsync($"latency {count} {SmallBytes} {delivery}");
        return (figures[0], figures[1]);
    }

    /// <summary>Messages a second that reach each member when all members send, or only one.</summary>
    public static async Task<double> ThroughputAsync(IReadOnlyList<Probe> probes, IReadOnlyList<Probe> senders, bool isLarge, string delivery, int milliseconds)
    {
        var size = isLarge ? LargeBytes : SmallBytes;
        foreach (var probe in probes)
            probe.Tell(senders.Contains(probe) ? $"flood {milliseconds} {size} {delivery}" : $"count {milliseconds}");
        var slowest = double.MaxValue;
        foreach (var probe in probes)
            slowest = Math.Min(slowest, (await probe.AnswerAsync())[0]);
        return slowest;
    }

    public static double Megabytes(double perSecond) => perSecond * LargeBytes / 1e6;

    /// <summary>Longest time, in ms, that a survivor's own messages were not delivered to it, when one of three is killed.</summary>
    public static async Task<double> KillAsync(IGroupUnderTest group, Probe victim, int milliseconds)
    {
        var others = group.Probes.Where(probe => probe != victim).ToList();
        foreach (var probe in others)
            probe.Tell($"watch {milliseconds} {WatchIntervalUs}");
        await Task.Delay(1000);
        victim.Kill();
        var longest = 0.0;
        foreach (var probe in others)
            longest = Math.Max(longest, (await probe.AnswerAsync())[0]);
        return longest;
    }

    /// <summary>The same when one link of three is cut, and the least number of members that anybody saw.</summary>
    public static async Task<(double PauseMs, int Members)> CutAsync(IGroupUnderTest group, GroupNetwork network, int one, int other, int cutMs)
    {
        foreach (var probe in group.Probes)
            probe.Tell($"watch {cutMs + 6000} {WatchIntervalUs}");
        await Task.Delay(1000);
        network.Cut(one, other);
        await Task.Delay(cutMs);
        network.Heal(one, other);
        var (longest, least) = (0.0, int.MaxValue);
        foreach (var probe in group.Probes)
        {
            var figures = await probe.AnswerAsync();
            (longest, least) = (Math.Max(longest, figures[0]), Math.Min(least, (int)figures[1]));
        }

        return (longest, least);
    }
}
