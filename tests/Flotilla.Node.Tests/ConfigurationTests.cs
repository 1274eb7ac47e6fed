using System.Net;
using Flotilla.JobServer;
using Flotilla.JobServer.Core;
using Flotilla.Node.Configuration;

namespace Flotilla.Node.Tests;

public sealed class ConfigurationTests
{
    [Fact]
    public void AnEmptyFileIsTheDefaults()
    {
        var options = ConfigurationFile.Parse("# nothing\n", "flotilla.yaml");
        Assert.Equal(["127.0.0.1:4730", "127.0.0.1:8080"], options.JobServer.Listeners.Select(one => one.EndPoint.ToString()));
        Assert.Equal(new NodeOptions().Management.Listen, options.Management.Listen);
    }

    [Fact]
    public void EveryKindOfValueIsRead()
    {
        var options = ConfigurationFile.Parse(
            """
            jobServer:
              listeners:
                - endPoint: 127.0.0.1:5000
                - { endPoint: "unix:/tmp/x.sock", protocol: http }
              threads: 3
              maxPacketBytes: 16MiB
              handshakeTimeout: 2500ms
              keepAlive: { count: 9 }
              sharedSecret: 0123456789abcdef
              machine:
                defaultPolicy: { attempts: 4, retriesFailures: true }
                defaultQueueLimits: { high: 1, normal: 2 }
                accessRules:
                  - { identity: "web*", function: "mail.*", rights: submit }
                  - { identity: "*", function: "*", rights: "submit, work" }
              http: { allowWebPages: true }
            store: { kind: memory }
            management:
              listen: 127.0.0.1:4999
            results: { maxAge: 1h, maxResultBytes: 64KiB }
            hooks:
              - name: pager
                url: https://pager.example/x
                events: [jobFailed, workerLost]
            """,
            "flotilla.yaml");
        var server = options.JobServer;
        Assert.Equal(new IPEndPoint(IPAddress.Loopback, 5000), server.Listeners[0].EndPoint);
        Assert.Equal(JobServerProtocol.Http, server.Listeners[1].Protocol);
        Assert.Equal(3, server.Threads);
        Assert.Equal(16 * 1024 * 1024, server.MaxPacketBytes);
        Assert.Equal(TimeSpan.FromSeconds(2.5), server.HandshakeTimeout);
        Assert.Equal(9, server.KeepAlive!.Count);
        Assert.Equal(new JobServerOptions().KeepAlive!.Idle, server.KeepAlive.Idle);
        Assert.Equal(4, server.Machine.DefaultPolicy.Attempts);
        Assert.Equal(new QueueLimits(1, 2, 0), server.Machine.DefaultQueueLimits);
        Assert.Equal(AccessRights.Submit | AccessRights.Work, server.Machine.AccessRules[1].Rights);
        Assert.True(server.Http.AllowWebPages);
        Assert.Equal(TimeSpan.FromHours(1), options.Results.MaxAge);
        Assert.Equal([JobServerEventKind.JobFailed, JobServerEventKind.WorkerLost], options.Hooks[0].Events);
    }

    [Fact]
    public void NoneSwitchesOff()
    {
        var options = ConfigurationFile.Parse("jobServer: { keepAlive: none }\nmanagement: { listen: none }\nstore: { kind: memory }\n", "f");
        Assert.Null(options.JobServer.KeepAlive);
        Assert.Empty(options.Management.Listen);
    }

    [Theory]
    [InlineData("managment: {}", "f:1: unknown key 'managment' in the file, did you mean 'management'?")]
    [InlineData("jobServer:\n  thread: 3", "f:2: unknown key 'thread' in jobServer, did you mean 'threads'?")]
    [InlineData("jobServer:\n  zzzzzz: 3", "f:2: unknown key 'zzzzzz' in jobServer")]
    [InlineData("jobServer:\n  machine:\n    hashSeed: 3", "f:3: unknown key 'hashSeed' in jobServer.machine")]
    [InlineData("jobServer:\n  threads: many", "f:2: jobServer.threads must be number")]
    [InlineData("jobServer:\n  handshakeTimeout: 5", "f:2: jobServer.handshakeTimeout must be a duration like 500ms, 5s, 2m, 1h or 1d")]
    [InlineData("jobServer:\n  maxPacketBytes: big", "f:2: jobServer.maxPacketBytes must be a size in bytes, or like 16KiB, 64MiB, 2GiB")]
    [InlineData("jobServer: 3", "f:1: jobServer must be a mapping of keys to values")]
    [InlineData("management:\n  listen: [nowhere]", "f:2: management.listen must be address:port")]
    [InlineData("store:\n  kind: tape", "f:2: store.kind must be `file`, `sqlite`, `memory`")]
    [InlineData("hooks:\n  - url: http://x/", "f:2: hooks needs name")]
    [InlineData("jobServer:\n  machine:\n    accessRules: [{ identity: a }]", "f:3: jobServer.machine.accessRules needs function")]
    [InlineData("jobServer:\n  threads: 99", "f: jobServer: Threads must be 0 to 64")]
    [InlineData("a: b\na: c", "f:2: ")]
    [InlineData("a: [", "f:2: ")]
    [InlineData("a: 1\n---\nb: 2", "f:3: a second document")]
    public void WhatIsWrongIsSaidWithItsLine(string yaml, string problem)
    {
        var wrong = Assert.Throws<ConfigurationException>(() => ConfigurationFile.Parse(yaml, "f"));
        Assert.Contains(wrong.Problems, found => found.StartsWith(problem, StringComparison.Ordinal));
    }

    [Fact]
    public void AllProblemsAreReportedAtOnce()
    {
        var wrong = Assert.Throws<ConfigurationException>(() => ConfigurationFile.Parse("a: 1\njobServer: { threads: x, backlog: y }\nb: 2\n", "f"));
        Assert.Equal(4, wrong.Problems.Count);
    }

    [Fact]
    public void AFileThatIsNotThereIsAConfigurationProblem()
        => Assert.Throws<ConfigurationException>(() => ConfigurationFile.Load("/nowhere/flotilla.yaml"));
}
