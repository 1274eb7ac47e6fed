using System.Net;
using System.Text;
using Flotilla.TestSupport;

namespace Flotilla.Node.Tests.Browser;

/// <summary>Who may act from a page, in a real browser.</summary>
[Trait("tier", "full")]
public sealed class SignInTests
{
    private const string Secret = "sixteen or more letters";
    private const string Label = "document.querySelector('#picture svg').getAttribute('aria-label')";
    private const string VisibleActions = "[...document.querySelectorAll('.act')].filter(one => one.offsetParent !== null).length";

    private readonly FakeCluster _cluster = new();

    [Fact]
    public async Task WithASecretNothingIsShownBeforeItIsGiven()
    {
        await using var node = await StartAsync(readsWithoutSecret: false);
        await using var browser = await Chromium.OpenAsync(node.Http.BaseAddress!);
        await browser.UntilAsync("document.getElementById('door').hidden", "false");
        await SignInAsync(browser, "sixteen wrong letters");
        await browser.UntilAsync("document.getElementById('wrong').textContent", "wrong");
        Assert.Equal("true 0", await browser.RunAsync("document.getElementById('cluster').hidden + ' ' + sessionStorage.length"));
        await SignInAsync(browser, Secret);
        await browser.UntilAsync(Label, "primary is db-a");
        await browser.UntilAsync("document.getElementById('door').hidden", "true");
        Assert.Equal("", await browser.RunAsync("document.getElementById('wrong').textContent"));
    }

    [Fact]
    public async Task WhereLookingIsOpenOnlyWhoSignedInActs()
    {
        await using var node = await StartAsync(readsWithoutSecret: true);
        await using var browser = await Chromium.OpenAsync(node.Http.BaseAddress!);
        await browser.UntilAsync(Label, "primary is db-a");
        await browser.UntilAsync("document.getElementById('sign-in').hidden", "false");
        Assert.Equal("0", await browser.RunAsync(VisibleActions));
        Assert.Equal("401", await browser.RunAsync("await fetch('/cluster/switchover?to=db-b', { method: 'POST' }).then(answer => answer.status)"));
        Assert.Equal(4ul, _cluster.Topology.State.LastEpoch);

        await browser.RunAsync("document.getElementById('sign-in').click()");
        await SignInAsync(browser, "sixteen wrong letters");
        await browser.UntilAsync("document.getElementById('wrong').textContent", "wrong");
        Assert.Equal("0", await browser.RunAsync(VisibleActions));
        await SignInAsync(browser, Secret);
        await browser.UntilAsync("document.getElementById('sign-out').hidden", "false");
        Assert.Equal("1 0 0", await browser.RunAsync("sessionStorage.length + ' ' + localStorage.length + ' ' + document.cookie.length"));
        await browser.RunAsync("window.confirm = text => { window.asked = text; return true; }, window.alert = text => console.error(text)");
        await ClickAsync(browser, "db-c", "remove");
        await browser.UntilAsync("document.getElementById('removed').textContent", "db-c (node c)");
        Assert.Contains("db-c is locked out", await browser.RunAsync("window.asked"), StringComparison.Ordinal);
        await browser.RunAsync("document.querySelector('#removed button').click()");
        await browser.UntilAsync("document.getElementById('removed').hidden", "true");
        Assert.NotNull(_cluster.Topology.State.Find(FakeCluster.Server("c")));

        await ClickAsync(browser, "db-b", "make primary");
        await browser.UntilAsync(Label, "primary is db-b, epoch 5");
        Assert.Contains("begin a switchover to epoch 5", await browser.RunAsync("window.asked"), StringComparison.Ordinal);

        await browser.RunAsync("document.getElementById('sign-out').click()");
        await browser.UntilAsync("document.getElementById('sign-in').hidden + ' ' + sessionStorage.length", "false 0");
        await browser.UntilAsync(VisibleActions, "0");
    }

    [Fact]
    public async Task AnotherPageCannotActWithoutASecretEither()
    {
        await using var node = await RunningNode.StartAsync(cluster: _cluster);
        using var elsewhere = new HttpListener();
        var page = $"http://127.0.0.1:{FreePort.Next()}/";
        elsewhere.Prefixes.Add(page);
        elsewhere.Start();
        var serving = ServeAsync(elsewhere, "<!doctype html><title>elsewhere</title><iframe name=hole></iframe><form method=post target=hole></form>");
        await using var browser = await Chromium.OpenAsync(new Uri(page));
        await browser.UntilAsync("document.title", "elsewhere");
        var pause = new Uri(node.Http.BaseAddress!, "/cluster/pause?on=true");
        Assert.Equal("opaque", await browser.RunAsync($"await fetch('{pause}', {{ method: 'POST', mode: 'no-cors' }}).then(answer => answer.type)"));
        await browser.RunAsync($"new Promise(done => {{ const form = document.querySelector('form'); document.querySelector('iframe').onload = done; form.action = '{pause}'; form.submit(); }})");
        await browser.RunAsync($"fetch('{new Uri(node.Http.BaseAddress!, "/topology")}').then(answer => answer.text()).then(text => window.read = text, failure => window.refused = failure)");
        await browser.UntilAsync("window.refused", "TypeError");
        Assert.False(_cluster.Topology.State.IsPaused);
        elsewhere.Stop();
        await serving;

        await using var own = await Chromium.OpenAsync(node.Http.BaseAddress!);
        await own.UntilAsync(Label, "primary is db-a");
        Assert.Equal("200", await own.RunAsync($"await fetch('{pause}', {{ method: 'POST' }}).then(answer => answer.status)"));
        Assert.True(_cluster.Topology.State.IsPaused);
    }

    private static async Task ServeAsync(HttpListener listener, string html)
    {
        try
        {
            while (true)
            {
                var context = await listener.GetContextAsync();
                context.Response.ContentType = "text/html";
                await context.Response.OutputStream.WriteAsync(Encoding.UTF8.GetBytes(html));
                context.Response.Close();
            }
        }
        catch (Exception end) when (end is HttpListenerException or ObjectDisposedException)
        {
            // Stopped.
        }
    }

    private static async Task SignInAsync(Chromium browser, string secret)
    {
        await browser.RunAsync($"document.getElementById('secret').value = '{secret}'");
        await browser.RunAsync("document.querySelector('#door button').click()");
    }

    private static Task<string> ClickAsync(Chromium browser, string server, string label) => browser.RunAsync(
        $"[...document.querySelectorAll('#members tr')].find(row => row.textContent.includes('{server}')).querySelectorAll('button').values().find(one => one.textContent === '{label}').click()");

    private Task<RunningNode> StartAsync(bool readsWithoutSecret)
        => RunningNode.StartAsync(options => options with { Management = options.Management with { Secret = Secret, ReadWithoutSecret = readsWithoutSecret } }, _cluster);
}
