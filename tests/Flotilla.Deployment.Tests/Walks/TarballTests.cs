using System.Net;
using System.Security.Cryptography;
using Flotilla.Deployment.Tests.Support;
using Flotilla.TestSupport;

namespace Flotilla.Deployment.Tests.Walks;

/// <summary>Servers brought to hosts that have none, from other hosts or from the web.</summary>
[Trait("tier", "full")]
public sealed class TarballTests(TemplateCache cache)
{
    private const string File1 = "mysql-5.6.24-linux-glibc2.5-x86_64.tar";

    [Fact]
    public async Task AHostWithoutTheServerGetsItInChunksFromOneThatHasTheTarball()
    {
        await using var hosts = await TestHosts.StartAsync();
        await hosts.AddAsync("a", 1, [Servers.MySql], cache);
        await PackAsync(hosts, "a");
        var empty = await hosts.AddAsync("b", 2, []);
        Assert.DoesNotContain(HostFunctions.MakeSandbox, empty.Functions);
        await using var deployer = hosts.Deployer();

        var plan = await deployer.PlanAsync(new ReplicationSpec { Hosts = TestHosts.Names("a", "b"), Name = "far" });
        Assert.StartsWith($"fetching {File1} to b from a", plan.Steps[0]);
        var journal = await deployer.DeployAsync(plan);

        Assert.Equal("mysql 5.6.24", journal.Version);
        Assert.Contains("Slave_SQL_Running: Yes", await hosts.RunAsync("far", "check_slaves"));
        Assert.Contains(HostFunctions.MakeSandbox, empty.Functions);
        await deployer.RemoveAsync("far");
        Assert.Equal([Path.Combine(hosts.RootOf("b"), "tarballs", File1)], hosts.Leftovers("b"));
    }

    [Fact]
    public async Task ATarballWithTheWrongChecksumIsThrownAway()
    {
        await using var hosts = await TestHosts.StartAsync();
        await hosts.AddAsync("a", 1, [Servers.MariaDb], cache);
        await using var web = new TinyWeb("this is no server");
        var sha = new string('a', 64);
        await hosts.AddAsync("b", 2, [], change: options => options with { TarballUrls = [new TarballUrl { Url = new Uri(web.Url, File1), Sha256 = sha }] });
        await using var deployer = hosts.Deployer();
        var plan = await deployer.PlanAsync(new ReplicationSpec { Hosts = TestHosts.Names("b"), Name = "wrong", Tarball = File1, TarballSha256 = sha });

        var failed = await Assert.ThrowsAsync<DeploymentException>(() => deployer.DeployAsync(plan));

        Assert.Equal(DeploymentProblem.Checksum, failed.Problem);
        Assert.Contains($"b: {File1} came with the sha256 {Convert.ToHexStringLower(SHA256.HashData("this is no server"u8))}", failed.Message);
        hosts.AssertClean("a", "b");
    }

    [Fact]
    public async Task AnUnknownUrlAWrongPlatformAndWhatIsNoServerAreRefused()
    {
        await using var hosts = await TestHosts.StartAsync();
        await using var web = new TinyWeb("this is no server");
        var sha = Convert.ToHexStringLower(SHA256.HashData("this is no server"u8));
        await hosts.AddAsync("b", 2, [], change: options => options with { TarballUrls = [new TarballUrl { Url = new Uri(web.Url, File1), Sha256 = sha }] });

        foreach (var (file, problem, words) in ((string, string, string)[])
        [
            ("mysql-5.6.25.tar", "not_found", "no URL is configured on b"),
            ("mysql-5.6.24-osx10.9-x86_64.tar", "bad_request", "is for osx"),
            ("mysql-5.6.24-linux-aarch64.tar", "bad_request", "is for aarch64, this host is x86_64"),
            (File1, "storage", "can't be unpacked"),
        ])
        {
            if (words.Contains("aarch64", StringComparison.Ordinal) && TarballName.OurArchitecture != "x86_64")
                continue;
            var fault = await Assert.ThrowsAsync<Gearman.JobFaultException>(() => hosts.JobAsync("fetch_tarball", "b", $$"""{"file": "{{file}}", "sha256": "{{sha}}"}"""));
            var told = JobBody.ReadFault(fault.Fault.Span)!;
            Assert.Contains(words, told.Message, StringComparison.Ordinal);
            Assert.Contains($"\"{problem}\"", System.Text.Encoding.UTF8.GetString(fault.Fault.Span), StringComparison.Ordinal);
        }

        hosts.AssertClean("b");
    }

    private static async Task PackAsync(TestHosts hosts, string host)
    {
        var folder = Directory.CreateDirectory(Path.Combine(hosts.RootOf(host), "tarballs")).FullName;
        await Shell.MustAsync("tar", "-cf", Path.Combine(folder, File1), "-C", Path.GetDirectoryName(Servers.MySql)!, Path.GetFileName(Servers.MySql));
    }

    /// <summary>A web server with one answer for everything.</summary>
    private sealed class TinyWeb : IAsyncDisposable
    {
        private readonly HttpListener _listener = new();
        private readonly Task _serving;

        public TinyWeb(string answer)
        {
            Url = new Uri($"http://127.0.0.1:{FreePort.Next()}/");
            _listener.Prefixes.Add(Url.ToString());
            _listener.Start();
            _serving = ServeAsync(System.Text.Encoding.UTF8.GetBytes(answer));
        }

        public Uri Url { get; }

        public async ValueTask DisposeAsync()
        {
            _listener.Close();
            await _serving;
        }

        private async Task ServeAsync(byte[] answer)
        {
            while (true)
            {
                try
                {
                    var context = await _listener.GetContextAsync();
                    await context.Response.OutputStream.WriteAsync(answer);
                    context.Response.Close();
                }
                catch (Exception failure) when (failure is ObjectDisposedException or HttpListenerException)
                {
                    return;
                }
            }
        }
    }
}
