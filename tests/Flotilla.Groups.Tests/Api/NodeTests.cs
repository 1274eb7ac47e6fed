using System.Collections.Concurrent;
using Flotilla.Groups.Core;
using Flotilla.Groups.Storage;
using Flotilla.TestSupport;

namespace Flotilla.Groups.Tests.Api;

public sealed class NodeTests
{
    [Fact]
    public async Task ANodeAloneFoundsAClusterAndActsForIt()
    {
        await using var cluster = await Cluster.StartAsync(1);
        Assert.Equal(cluster[0].Id, Assert.Single(cluster[0].View!.Members).Id);
        await Deadline.UntilAsync(() => cluster[0].IsPrimary, "it has the lease");
        Assert.Equal(cluster[0].View!.Epoch, cluster[0].Lease.Epoch);
    }

    [Fact]
    public async Task ThreeNodesBecomeOneClusterOfThreeVoters()
    {
        await using var cluster = await Cluster.StartAsync(3);
        Assert.Single(cluster.Nodes.Select(node => node.View!.Cluster).Distinct());
        await Deadline.UntilAsync(() => cluster.Nodes.TrueForAll(node => node.IsPrimary), "all have the lease");
    }

    [Fact]
    public async Task ANodeThatStopsIsToldSoAndLosesItsRight()
    {
        await using var cluster = await Cluster.StartAsync(2);
        ConcurrentQueue<ulong> lost = [];
        var group = cluster[1].Group("g");
        await group.JoinAsync().WaitAsync(Deadline.Default);
        cluster[1].PrimaryLost += lost.Enqueue;
        await cluster[1].StopAsync().WaitAsync(Deadline.Default);
        Assert.NotEmpty(lost);
        Assert.False(cluster[1].IsPrimary);
        var error = await Assert.ThrowsAsync<GroupException>(() => group.SendAsync("late"));
        Assert.Equal(GroupError.Stopped, error.Error);
    }

    [Fact]
    public async Task WhenANodeLeavesInGoodOrderTheOthersGoOn()
    {
        await using var cluster = await Cluster.StartAsync(3);
        await cluster[2].StopAsync().WaitAsync(Deadline.Default);
        await cluster[0].UntilViewAsync(view => view.Members.Length == 2).WaitAsync(Deadline.Default);
    }

    [Fact]
    public async Task WhenANodeDiesTheOthersGoOn()
    {
        await using var cluster = await Cluster.StartAsync(3);
        var groups = await cluster.JoinAsync("g", (_, _) => { });
        await cluster[0].KillAsync();
        await groups[1].SendAsync("still there").WaitAsync(Deadline.Default);
        await Deadline.UntilAsync(() => groups[2].Members.Length == 2, "the dead one left the group");
    }

    [Fact]
    [Trait("tier", "full")]
    public async Task OfTwoNodesOneGoesOnOnlyWhenSomebodyDecidesSo()
    {
        await using var cluster = new Cluster();
        var mayGoOn = false;
        var asked = new TaskCompletionSource<TieBreak>(TaskCreationOptions.RunContinuationsAsynchronously);
        await cluster.AddAsync(configure: options => options with
        {
            OnTie = tie =>
            {
                asked.TrySetResult(tie);
                return Task.FromResult(Volatile.Read(ref mayGoOn));
            },
        });
        await cluster.AddAsync();
        await cluster.UntilVotersAsync(2);
        var other = cluster[1].Id;
        await cluster[1].KillAsync();
        var tie = await asked.Task.WaitAsync(Deadline.Default);
        Assert.Equal(other, Assert.Single(tie.Silent));
        await Deadline.UntilAsync(() => !cluster[0].IsPrimary, "it stopped");
        Assert.Equal(2, cluster[0].View!.Members.Length);
        Volatile.Write(ref mayGoOn, true);
        await cluster[0].UntilViewAsync(view => view.Members.Length == 1).WaitAsync(Deadline.Default);
        await Deadline.UntilAsync(() => cluster[0].IsPrimary, "it goes on");
    }

    [Fact]
    public async Task APersonMayLetOneGoOnAlone()
    {
        await using var cluster = await Cluster.StartAsync(3);
        await cluster[1].KillAsync();
        await cluster[2].KillAsync();
        await Deadline.UntilAsync(() => !cluster[0].IsPrimary, "it stopped");
        await cluster[0].ForceBootstrapAsync().WaitAsync(Deadline.Default);
        await cluster[0].UntilViewAsync(view => view.Members.Length == 1).WaitAsync(Deadline.Default);
        await cluster[0].Group("g").JoinAsync().WaitAsync(Deadline.Default);
    }

    [Theory]
    [InlineData("a byte that rotted", "offset ")]
    [InlineData("the folder of something else", "is no data directory of a group node")]
    public async Task ADirectoryThatCannotBeTrustedIsRefusedWithWhatToDoAndLeftAsItWas(string what, string expected)
    {
        using var folder = new TempFolder();
        var options = new GroupOptions { Name = "n", Founding = Founding.Alone, DataDirectory = folder.Path };
        var path = folder.Combine("photo.jpg");
        if (what == "a byte that rotted")
        {
            var node = await GroupNode.StartAsync(options);
            await node.UntilMemberAsync().WaitAsync(Deadline.Default);
            await node.KillAsync();
            path = Directory.GetFiles(folder.Path, "log-*").Single();
        }

        var bytes = File.Exists(path) ? await File.ReadAllBytesAsync(path) : new byte[100];
        bytes[60] ^= 1;
        await File.WriteAllBytesAsync(path, bytes);
        var error = await Assert.ThrowsAsync<StorageException>(() => GroupNode.StartAsync(options));
        Assert.Contains(expected, error.Message);
        Assert.Contains(Path.GetFileName(path), error.Message);
        Assert.Contains("empty", error.Message);
        Assert.Equal(bytes, await File.ReadAllBytesAsync(path));
    }

    [Fact]
    public async Task WrongOptionsAreAllNamedAtOnce()
    {
        var error = await Assert.ThrowsAsync<ArgumentException>(() => GroupNode.StartAsync(new GroupOptions { Name = "n", Secret = "short", Weight = 0 }));
        Assert.Contains("Secret", error.Message);
    }
}
