using Flotilla.Gearman.Protocol;
using Flotilla.JobServer.Core;

namespace Flotilla.JobServer.Tests.Http;

public sealed class HttpOnMachineTests
{
    [Fact]
    public void TheOriginalDemoReachesAWorkerAndComesBackReversed()
    {
        var world = new HttpOnMachine();
        world.Worker(PacketType.CanDo, "reverse");
        var client = world.Connect();
        Assert.Equal("", client.Send("POST /reverse HTTP/1.1\nContent-Length: 12\n\nHello World!"));
        Assert.EndsWith("H:box:1\0reverse\0Hello World!", world.Worker(PacketType.GrabJob), StringComparison.Ordinal);
        world.Worker(PacketType.WorkStatus, "H:box:1\01\02");
        world.Worker(PacketType.WorkWarning, "H:box:1\0careful");
        world.Worker(PacketType.WorkComplete, "H:box:1\0!dlroW olleH");
        Assert.EndsWith("X-Gearman-Job-Handle: H:box:1\r\nX-Gearman-Command: WORK_COMPLETE\r\nX-Content-Type-Options: nosniff\r\n"
            + "Content-Type: application/octet-stream\r\nContent-Length: 12\r\n\r\n!dlroW olleH", client.Take(), StringComparison.Ordinal);
    }

    [Fact]
    public void ExceptionsArriveAsTheyWereSent()
    {
        var world = new HttpOnMachine();
        world.Worker(PacketType.CanDo, "f");
        var client = world.Connect();
        client.Send("GET /f HTTP/1.1\r\n\r\n");
        world.Worker(PacketType.GrabJob);
        world.Worker(PacketType.WorkException, "H:box:1\0divided by zero");
        var answer = client.Take();
        Assert.StartsWith("HTTP/1.1 500 ", answer, StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\ndivided by zero", answer, StringComparison.Ordinal);
    }

    [Fact]
    public void TwoClientsWithOneUniqueKeyShareTheJobAndItsStream()
    {
        var world = new HttpOnMachine();
        world.Worker(PacketType.CanDo, "f");
        var (first, second) = (world.Connect(), world.Connect());
        first.Send("GET /f HTTP/1.1\r\nX-Gearman-Unique: k\r\n\r\n");
        second.Send("GET /f HTTP/1.0\r\nX-Gearman-Unique: k\r\n\r\n");
        world.Worker(PacketType.GrabJob);
        world.Worker(PacketType.WorkData, "H:box:1\0part ");
        world.Worker(PacketType.WorkComplete, "H:box:1\0end");
        Assert.EndsWith("\r\n\r\n5\r\npart \r\n3\r\nend\r\n0\r\n\r\n", first.Take(), StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\npart end", second.Take(), StringComparison.Ordinal);
        Assert.True(second.IsClosed);
        Assert.False(first.IsClosed);
    }

    [Fact]
    public void AClientThatLeavesAbandonsItsForegroundJob()
    {
        var world = new HttpOnMachine();
        var client = world.Connect();
        client.Send("GET /f HTTP/1.1\r\n\r\n");
        Assert.Equal(1, world.Snapshot.Jobs);
        client.Leave();
        Assert.Equal(0, world.Snapshot.Jobs);
        Assert.Contains(JobServerEventKind.JobAbandoned, world.Events);
    }

    [Fact]
    public void ABackgroundJobIsAnsweredWhenItIsDurable()
    {
        var world = new HttpOnMachine(new JobMachineOptions { IsDurable = true });
        var client = world.Connect();
        Assert.Equal("", client.Send("POST /f HTTP/1.1\r\nX-Gearman-Background: true\r\nContent-Length: 1\r\n\r\nx"));
        world.Commit();
        Assert.Contains("X-Gearman-Command: JOB_CREATED\r\n", client.Take(), StringComparison.Ordinal);
    }

    [Fact]
    public void AJobThatCouldNotBeStoredIs503()
    {
        var world = new HttpOnMachine(new JobMachineOptions { IsDurable = true });
        var client = world.Connect();
        client.Send("POST /f HTTP/1.1\r\nX-Gearman-Background: true\r\n\r\n");
        world.FailStore();
        Assert.StartsWith("HTTP/1.1 503 ", client.Take(), StringComparison.Ordinal);
        Assert.False(client.IsClosed);
    }

    [Fact]
    public void AFullQueueIs503AndTheConnectionGoesOn()
    {
        var world = new HttpOnMachine(new JobMachineOptions { JobsMax = 1 });
        var client = world.Connect();
        client.Send("POST /f HTTP/1.1\r\nX-Gearman-Background: true\r\n\r\n");
        var answer = client.Send("GET /f HTTP/1.1\r\n\r\n");
        Assert.Contains("HTTP/1.1 503 Service Unavailable\r\n", answer, StringComparison.Ordinal);
        Assert.False(client.IsClosed);
    }

    [Theory]
    [InlineData("", 401)]
    [InlineData("Authorization: Bearer wrong\r\n", 401)]
    [InlineData("Authorization: Bearer a secret of the house\r\n", 0)]
    public void AnUntrustedClientNeedsTheSecret(string field, int status)
    {
        var world = new HttpOnMachine(new JobMachineOptions { SecretHash = JobMachineOptions.HashSecret("a secret of the house") });
        var client = world.Connect(new ConnectionInfo("10.0.0.1", 10, IsTrusted: false));
        var answer = client.Send($"GET /f HTTP/1.1\r\n{field}\r\n");
        Assert.Equal(status != 0, client.IsClosed);
        Assert.Equal(status == 0 ? 1 : 0, world.Snapshot.Jobs);
        Assert.StartsWith(status == 0 ? "" : $"HTTP/1.1 {status} ", answer, StringComparison.Ordinal);
    }

    [Fact]
    public void AnUntrustedClientIsTurnedAwayBeforeItsBodyIsRead()
    {
        var world = new HttpOnMachine(new JobMachineOptions { SecretHash = JobMachineOptions.HashSecret("a secret of the house") });
        var client = world.Connect(new ConnectionInfo("10.0.0.1", 10, IsTrusted: false));
        Assert.StartsWith("HTTP/1.1 401 ", client.Send("POST /f HTTP/1.1\r\nContent-Length: 1000000\r\n\r\nbegin"), StringComparison.Ordinal);
        Assert.True(client.IsClosed);
    }

    [Fact]
    public void AUniqueKeyThatIsTooLongIs400()
    {
        var client = new HttpOnMachine().Connect();
        Assert.StartsWith("HTTP/1.1 400 ", client.Send($"GET /f HTTP/1.1\r\nX-Gearman-Unique: {new string('u', 65)}\r\n\r\n"), StringComparison.Ordinal);
    }

    [Fact]
    public void ManyLargePipelinedJobsComeBackWhole()
    {
        var world = new HttpOnMachine();
        world.Worker(PacketType.CanDo, "f");
        var client = world.Connect();
        var body = new string('b', 100_000);
        client.Send(string.Concat(Enumerable.Repeat($"POST /f HTTP/1.1\r\nContent-Length: {body.Length}\r\n\r\n{body}", 5)));
        for (var job = 1; job <= 5; job++)
        {
            Assert.EndsWith(body, world.Worker(PacketType.GrabJob), StringComparison.Ordinal);
            world.Worker(PacketType.WorkComplete, $"H:box:{job}\0{body}");
            Assert.EndsWith("\r\n\r\n" + body, client.Take(), StringComparison.Ordinal);
        }
    }
}
