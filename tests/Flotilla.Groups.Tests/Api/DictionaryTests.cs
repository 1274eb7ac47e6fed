using System.Text;
using Flotilla.TestSupport;

namespace Flotilla.Groups.Tests.Api;

public sealed class DictionaryTests
{
    [Fact]
    public async Task AWriteIsSeenHereAtOnceAndElsewhereSoon()
    {
        await using var cluster = await Cluster.StartAsync(2);
        var groups = await cluster.JoinAsync("g", (_, _) => { });
        var version = await groups[0].Dictionary.PutAsync("k", "v"u8.ToArray()).WaitAsync(Deadline.Default);
        Assert.Equal(version, (await groups[0].Dictionary.GetAsync("k"))!.Version);
        await Deadline.UntilAsync(async () => (await groups[1].Dictionary.GetAsync("k"))?.Version == version, "it is seen elsewhere");
        Assert.Equal("v", Encoding.UTF8.GetString((await groups[1].Dictionary.SnapshotAsync())["k"].Value.Span));
    }

    [Fact]
    public async Task CompareAndSwapCountsEveryTurn()
    {
        await using var cluster = await Cluster.StartAsync(2);
        var groups = await cluster.JoinAsync("g", (_, _) => { });
        await groups[0].Dictionary.PutAsync("n", BitConverter.GetBytes(0)).WaitAsync(Deadline.Default);
        await Task.WhenAll(groups.Select(async group =>
        {
            for (var done = 0; done < 10;)
            {
                var item = await group.Dictionary.GetAsync("n");
                if (item is not null && (await group.Dictionary.TryReplaceAsync("n", BitConverter.GetBytes(BitConverter.ToInt32(item.Value.Span) + 1), item.Version)).IsWritten)
                    done++;
            }
        })).WaitAsync(Deadline.Default);
        await groups[0].FlushAsync().WaitAsync(Deadline.Default);
        await Deadline.UntilAsync(async () => BitConverter.ToInt32((await groups[0].Dictionary.GetAsync("n"))!.Value.Span) == 20, "all are counted");
    }

    [Fact]
    public async Task AKeyIsAddedOnceAndRemovedUnderItsVersion()
    {
        await using var cluster = await Cluster.StartAsync(1);
        var groups = await cluster.JoinAsync("g", (_, _) => { });
        var dictionary = groups[0].Dictionary;
        var first = await dictionary.TryAddAsync("k", new byte[] { 1 }).WaitAsync(Deadline.Default);
        Assert.Equal(new DictionaryWrite(false, first.Version), await dictionary.TryAddAsync("k", new byte[] { 2 }).WaitAsync(Deadline.Default));
        Assert.False((await dictionary.RemoveAsync("k", first.Version + 1).WaitAsync(Deadline.Default)).IsWritten);
        Assert.True((await dictionary.RemoveAsync("k", first.Version).WaitAsync(Deadline.Default)).IsWritten);
        Assert.Empty(await dictionary.SnapshotAsync());
        var error = await Assert.ThrowsAsync<GroupException>(() => dictionary.PutAsync("", default));
        Assert.Contains("key", error.Message);
    }
}
