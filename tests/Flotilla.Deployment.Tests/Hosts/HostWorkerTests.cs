using Flotilla.Gearman;

namespace Flotilla.Deployment.Tests.Hosts;

/// <summary>Whom a host lets in, and what it promises.</summary>
public sealed class HostWorkerTests
{
    [Theory]
    [InlineData("10.0.0.1", false)]
    [InlineData("db.example:4731", false)]
    [InlineData("127.0.0.9", true)]
    [InlineData("localhost:1", true)]
    [InlineData("[::1]:4730", true)]
    [InlineData("unix:/run/flotilla.sock", true)]
    public async Task AJobServerThatOthersReachWantsASecretOrACertificate(string server, bool isLocal)
    {
        IReadOnlyList<GearmanAddress> servers = ["127.0.0.1", GearmanAddress.Parse(server)];
        var options = new HostWorkerOptions { Name = HostName.Parse("h"), Servers = servers, Root = "/nowhere" };
        var access = new FleetAccess { Servers = servers };
        if (isLocal)
        {
            options.Validate();
            await new Fleet(access).DisposeAsync();
            return;
        }

        var refused = Assert.Throws<DeploymentException>(options.Validate);
        Assert.Equal(DeploymentProblem.NotAuthorized, refused.Problem);
        Assert.Contains($"{GearmanAddress.Parse(server)} is not on this machine's loopback", refused.Message);
        Assert.Throws<DeploymentException>(() => new Deployer(new DeployerOptions { Access = access }));
        (options with { Secret = "s" }).Validate();
        await new Fleet(access with { Secret = "s" }).DisposeAsync();
        // TLS alone says who the server is, not who we are.
        Assert.Throws<DeploymentException>((options with { Tls = new GearmanTlsOptions() }).Validate);
    }

    [Fact]
    public async Task AHostThatCanNotBeWrittenToOffersOnlyToLook()
    {
        await using var worker = await HostWorker.CreateAsync(new HostWorkerOptions { Name = HostName.Parse("h"), Servers = ["127.0.0.1"], Root = "/proc/nowhere", Basedirs = [] });
        Assert.Equal(["diagnose_host", "sandbox_status", "remove_sandbox", "stop_sandbox", "read_tarball"], worker.Functions);
        Assert.Contains(worker.Abilities.Missing, text => text.StartsWith("a folder to write to", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("a b")]
    [InlineData("")]
    [InlineData("-x")]
    [InlineData("a/b")]
    [InlineData("a\n")]
    public void OddNamesOfHostsAreRefused(string name) => Assert.Throws<FormatException>(() => HostName.Parse(name));

    [Theory]
    [InlineData("mysql-8.4.0-linux-glibc2.28-x86_64.tar.xz", "x86_64", null)]
    [InlineData("mariadb-10.11.19-linux-systemd-x86_64.tar.gz", "aarch64", "is for x86_64, this host is aarch64")]
    [InlineData("mysql-8.4.0-linux-glibc2.28-aarch64.tar.xz", "x86_64", "is for aarch64, this host is x86_64")]
    [InlineData("mysql-8.4.0-macos14-arm64.tar.gz", "aarch64", "is for macos, this host is linux")]
    [InlineData("mysql.tar.gz", "x86_64", null)]
    public void ATarballForAnotherPlatformIsKnownByItsName(string file, string architecture, string? why)
    {
        if (why is null)
            Assert.Null(TarballName.WhyNotFor(architecture, file));
        else
            Assert.Contains(why, TarballName.WhyNotFor(architecture, file));
    }

    [Fact]
    public void TheListOfUrlsIsReadLineByLine()
    {
        var path = Path.GetTempFileName();
        try
        {
            var sha = new string('b', 64);
            File.WriteAllText(path, $"# tarballs\n\n{sha}  https://example.org/a/mysql-5.6.24.tar.gz\n");
            var url = Assert.Single(TarballUrl.Read(path));
            Assert.Equal("mysql-5.6.24.tar.gz", url.File);
            foreach (var wrong in (string[])["x https://example.org/a.tar", $"{sha} file:///etc/passwd", $"{sha} https://example.org/", sha])
            {
                File.WriteAllText(path, $"\n{wrong}\n");
                Assert.Contains("line 2", Assert.Throws<DeploymentException>(() => TarballUrl.Read(path)).Message);
            }
        }
        finally
        {
            File.Delete(path);
        }
    }
}
