using Flotilla.Cluster.Core;
using Flotilla.TestSupport;

namespace Flotilla.Node.Tests.Browser;

/// <summary>The page, in a real browser.</summary>
[Trait("tier", "full")]
public sealed class DashboardTests
{
    [Fact]
    public async Task TheClusterIsDrawnFollowedAndSwitchedOver()
    {
        var cluster = new FakeCluster();
        await using var node = await RunningNode.StartAsync(cluster: cluster);
        await using var browser = await OpenAsync(node);
        await browser.UntilAsync("document.querySelector('#picture svg')?.getAttribute('aria-label')", "3 servers, primary is db-a, epoch 4");
        Assert.Equal("2", await browser.RunAsync("document.querySelectorAll('#picture .arrow .live').length"));
        Assert.Equal("db-a", await browser.RunAsync("document.querySelector('#picture .server.primary .name').textContent"));
        await browser.UntilAsync("document.getElementById('decisions').textContent", "db-c is added");
        await browser.UntilAsync("document.getElementById('cards').textContent", "workers");
        await KeepScreenshotAsync(browser, "cluster");

        await browser.RunAsync("window.confirm = text => { window.asked = text; return true; }");
        await browser.RunAsync("[...document.querySelectorAll('#members tr')].find(row => row.textContent.includes('db-b')).querySelector('button').click()");
        await browser.UntilAsync("document.querySelector('#picture svg').getAttribute('aria-label')", "primary is db-b, epoch 5");
        Assert.Contains("begin a switchover to epoch 5 with db-b as primary", await browser.RunAsync("window.asked"), StringComparison.Ordinal);

        await browser.RunAsync("document.querySelector('#pause button').click()");
        await Deadline.UntilAsync(() => cluster.Topology.State.IsPaused, "the cluster is paused");
        await browser.UntilAsync("document.getElementById('pause').textContent", "resume");
        await browser.RunAsync("[...document.querySelectorAll('#members tr')][0].querySelectorAll('button')[2].click()");
        await browser.UntilAsync("document.getElementById('explained').textContent", "db-a follows db-a");
    }

    [Fact]
    public async Task ALostPrimaryANodeThatIsCutOffAndOneThatIsGoneAreSeen()
    {
        var cluster = new FakeCluster();
        var node = await RunningNode.StartAsync(cluster: cluster);
        await using var browser = await OpenAsync(node);
        await browser.UntilAsync("document.querySelector('#picture svg')?.getAttribute('aria-label')", "primary is db-a");
        var plan = new Plan { Number = 1, Kind = PlanKind.Failover, Phase = PlanPhase.Collect, Epoch = 5, Cause = "<b>db-a</b> is down" };
        cluster.Publish(cluster.Topology.State with { LastEpoch = 5, Plan = plan });
        await browser.UntilAsync("document.querySelector('#picture svg').getAttribute('aria-label')", "no primary, epoch 5");
        Assert.Equal("failover to epoch 5, collect: <b>db-a</b> is down", await browser.RunAsync("document.getElementById('plan').textContent"));
        cluster.Topology.Publish(cluster.Topology.State, NodeView.None);
        await browser.UntilAsync("document.getElementById('quorum').textContent", "cut off");
        await node.DisposeAsync();
        await browser.UntilAsync("document.getElementById('quorum').textContent", "no answer");
        Assert.Equal("old", await browser.RunAsync("document.getElementById('cluster').className"));
    }

    [Fact]
    public async Task AJobServerWithoutAClusterShowsNone()
    {
        await using var node = await RunningNode.StartAsync();
        await using var browser = await OpenAsync(node);
        await browser.UntilAsync("document.getElementById('cards').textContent", "workers");
        Assert.Equal("true", await browser.RunAsync("document.getElementById('cluster').hidden"));
        Assert.Equal("Flotilla job server", await browser.RunAsync("document.title"));
    }

    private static Task<Chromium> OpenAsync(RunningNode node) => Chromium.OpenAsync(node.Http.BaseAddress!);

    /// <summary>For people to look at, below <c>.artifacts</c>.</summary>
    private static async Task KeepScreenshotAsync(Chromium browser, string name)
    {
        var folder = Directory.CreateDirectory(Repository.Combine(".artifacts", "dashboard"));
        await File.WriteAllBytesAsync(Path.Combine(folder.FullName, name + ".png"), await browser.ScreenshotAsync());
    }
}
