namespace Flotilla.Gearman.Tests.Units;

public sealed class OptionsTests
{
    [Theory]
    [InlineData("db1", "db1:4730")]
    [InlineData("db1:4731", "db1:4731")]
    [InlineData("127.0.0.2:99", "127.0.0.2:99")]
    [InlineData("[::1]", "[::1]:4730")]
    [InlineData("[::1]:99", "[::1]:99")]
    [InlineData("::1", "[::1]:4730")]
    [InlineData("unix:/run/g.sock", "unix:/run/g.sock")]
    public void AddressesAreReadAndWritten(string text, string written)
    {
        Assert.Equal(written, GearmanAddress.Parse(text).ToString());
        Assert.Equal(GearmanAddress.Parse(text), GearmanAddress.Parse(written));
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData(":4730")]
    [InlineData("db1:")]
    [InlineData("db1:0")]
    [InlineData("db1:65536")]
    [InlineData("db1:+1")]
    [InlineData("a b")]
    [InlineData("[::1")]
    [InlineData("[::1]x")]
    [InlineData("unix:")]
    public void WhatIsNoAddressIsRefused(string text)
    {
        Assert.False(GearmanAddress.TryParse(text, out _));
        Assert.Throws<FormatException>(() => GearmanAddress.Parse(text));
    }

    [Fact]
    public void DefaultsHaveNoProblems()
    {
        Assert.Empty(new GearmanClientOptions().Problems());
        Assert.Empty(new GearmanWorkerOptions().Problems());
        Assert.Empty(new GearmanAdminOptions().Problems());
    }

    [Fact]
    public void AllProblemsAreToldAtOnce()
    {
        var options = new GearmanClientOptions
        {
            Servers = ["a", "a"],
            ConnectTimeout = TimeSpan.Zero,
            RequestTimeout = TimeSpan.Zero,
            KeepAliveInterval = TimeSpan.Zero,
            MaxPacketBytes = 1,
            MaxOutputBytes = 1,
            Secret = "",
            BackOff = new BackOffOptions { First = TimeSpan.Zero, Max = TimeSpan.FromSeconds(-1), Factor = 0, Jitter = 2 },
            FailoverTimeout = TimeSpan.FromSeconds(-1),
            MaxResubmits = -1,
            MaxJobBufferBytes = 1,
            ServerOptions = [""],
        };
        Assert.Equal(15, Assert.Throws<GearmanOptionsException>(() => new GearmanClient(options)).Problems.Count);
        var worker = new GearmanWorkerOptions { MaxConcurrency = 0, DrainTimeout = TimeSpan.FromSeconds(-1), MaxGrabs = 0, ClientId = "a b" };
        Assert.Equal(4, Assert.Throws<GearmanOptionsException>(() => new GearmanWorker(worker)).Problems.Count);
    }

    [Theory]
    [InlineData("", "", 0)]
    [InlineData("a\0b", "", 0)]
    [InlineData("f", "12345678901234567890123456789012345678901234567890123456789012345", 0)]
    public async Task RequestsThatCannotBeSentAreRefused(string function, string unique, int payload)
    {
        await using var client = new GearmanClient("127.0.0.1");
        var request = new JobRequest(function, new byte[payload]) { Unique = unique };
        await Assert.ThrowsAsync<ArgumentException>(() => client.SubmitAsync(request));
        await Assert.ThrowsAsync<ArgumentException>(() => client.SubmitBackgroundAsync(request));
    }

    [Fact]
    public void WaitsGrowToTheirLimitAndAreShortenedAtRandom()
    {
        var backOff = new BackOffOptions { First = TimeSpan.FromMilliseconds(100), Max = TimeSpan.FromSeconds(1), Factor = 2, Jitter = 0.5 };
        Assert.Equal([100, 200, 400, 800, 1000, 1000], Enumerable.Range(1, 6).Select(n => backOff.WaitAfter(n, 0).TotalMilliseconds));
        Assert.Equal(1000, backOff.WaitAfter(int.MaxValue, 0).TotalMilliseconds);
        Assert.Equal(100, backOff.WaitAfter(2, 1).TotalMilliseconds);
    }

    [Theory]
    [InlineData("* * * *")]
    [InlineData("* * * * * *")]
    [InlineData("a * * * *")]
    public void WhatIsNoScheduleIsRefused(string text) => Assert.Throws<FormatException>(() => CronSchedule.Parse(text));
}
