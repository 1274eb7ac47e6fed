using System.Text.Json;
using Flotilla.Gearman.Protocol;

namespace Flotilla.JobServer.Core.Tests;

/// <summary>Text commands: gearmand's answers to the byte, and ours.</summary>
public sealed class AdminTests
{
    private readonly Rig _rig = new();

    [Theory]
    [InlineData("version", "OK 9.9\n")]
    [InlineData("VERSION", "OK 9.9\n")]
    [InlineData("getpid", "OK 4711\n")]
    [InlineData("verbose", "OK INFO\n")]
    [InlineData("status", ".\n")]
    [InlineData("prioritystatus", ".\n")]
    [InlineData("show jobs", ".\n")]
    [InlineData("show unique jobs", ".\n")]
    [InlineData("show x", "ERR UNKNOWN_SHOW_ARGUMENTS\r\n")]
    [InlineData("show", "ERR UNKNOWN_COMMAND Unknown+server+commandshow\r\n")]
    [InlineData("cancel a b", "ERR UNKNOWN_ERROR\r\n")]
    [InlineData("cancel job", "ERR UNKNOWN_COMMAND Unknown+server+commandcancel\r\n")]
    [InlineData("cancel job H:x:1", "ERR UNKNOWN_JOB\r\n")]
    [InlineData("create", "ERR INVALID_ARGUMENTS An+incomplete+set+of+arguments+was+sent+to+this+command+create\r\n")]
    [InlineData("drop x y", "ERR INVALID_ARGUMENTS An+incomplete+set+of+arguments+was+sent+to+this+command+drop\r\n")]
    [InlineData("drop function f", "ERR function not found\r\n")]
    [InlineData("maxqueue", "ERR INVALID_ARGUMENTS An+incomplete+set+of+arguments+was+sent+to+this+command+maxqueue\r\n")]
    [InlineData("maxqueue unknown 3", "OK\r\n")]
    [InlineData("shutdown", "ERR UNKNOWN_COMMAND Unknown+server+commandshutdown\r\n")]
    [InlineData("", "ERR UNKNOWN_COMMAND Unknown+server+command\r\n")]
    [InlineData(" version", "ERR UNKNOWN_COMMAND Unknown+server+command\r\n")]
    [InlineData("foo bar", "ERR UNKNOWN_COMMAND Unknown+server+commandfoo\r\n")]
    [InlineData("resume f", "ERR UNKNOWN_FUNCTION No+such+function\r\n")]
    [InlineData("show queue f", "ERR UNKNOWN_FUNCTION No+such+function\r\n")]
    [InlineData("policy f attempts=x", "ERR INVALID_ARGUMENTS attempts=x\r\n")]
    [InlineData("policy f", "OK attempts=0 backoff=0ms backoffmax=3600000ms onfail=final dead=drop\r\n")]
    public void ALineHasItsAnswer(string line, string answer) => Assert.Equal(answer, _rig.Connect().Ask(line));

    [Fact]
    public void TooManyWordsEndTheConnection()
    {
        var peer = _rig.Connect();
        Assert.Equal("", peer.Ask("maxqueue f 1 2 3 4"));
        Assert.Equal((peer.Slot, CloseReason.ProtocolError), Assert.Single(_rig.Effects.Closed));
    }

    [Fact]
    public void StatusCountsQueuedRunningAndWorkers()
    {
        var client = _rig.Connect();
        var worker = _rig.Worker("f");
        client.Submit(PacketType.SubmitJobBg, "f", "1", "x");
        client.Submit(PacketType.SubmitJobHighBg, "f", "2", "x");
        client.Ask(PacketType.SubmitJobEpoch, "f", "3", "1800000000", "x");
        Assert.Equal("H:t:2", worker.GrabHandle());
        Assert.Equal("f\t3\t1\t1\n.\n", client.Ask("status"));
        Assert.Equal("f\t0\t2\t0\t1\n.\n", client.Ask("prioritystatus"));
        Assert.Equal("H:t:1\t0\t0\t1\nH:t:2\t0\t0\t1\nH:t:3\t0\t0\t1\n.\n", client.Ask("show jobs"));
        Assert.Equal("1\n2\n3\n.\n", client.Ask("show unique jobs"));
    }

    [Fact]
    public void WorkersListsEveryConnectionAndTheLastFunctionFirst()
    {
        var client = _rig.Connect(new ConnectionInfo("::1", 38));
        var worker = _rig.Worker("f", "g");
        worker.Send(PacketType.SetClientId, "me");
        Assert.Equal("38 ::1 - :\n31 127.0.0.1 me : g f\n.\n", client.Ask("workers"));
        worker.Send(PacketType.SetClientId, new string('i', 200));
        Assert.Contains($" {new string('i', 127)} :", client.Ask("workers"), StringComparison.Ordinal);
    }

    [Fact]
    public void CreatedFunctionsAreListedAndDroppedOnesAreNot()
    {
        var client = _rig.Connect();
        Assert.Equal("OK\r\n", client.Ask("create function fooo"));
        Assert.Equal("fooo\t0\t0\t0\n.\n", client.Ask("status"));
        Assert.Equal("OK\r\n", client.Ask("drop function fooo"));
        Assert.Equal(".\n", client.Ask("status"));
    }

    [Fact]
    public void OurListsAreJsonLines()
    {
        var client = _rig.Connect();
        client.Ask("policy f attempts=3 backoff=5s onfail=retry dead=keep");
        client.Ask("maxqueue f 1 2 3");
        client.Submit(PacketType.SubmitJobBg, "f", "q\"uo\\te", "12345");
        client.Ask(PacketType.SubmitJobEpoch, "f", "later", "1700000001.5", "x");

        var function = Json(client.Ask("show functions").Split('\n')[0]);
        Assert.Equal(("f", 1, 1, 6), (
            function.GetProperty("name").GetString(), function.GetProperty("queuedNormal").GetInt32(),
            function.GetProperty("delayed").GetInt32(), function.GetProperty("payloadBytes").GetInt32()));
        Assert.Equal(3, function.GetProperty("maxQueue").GetProperty("low").GetInt32());
        Assert.Equal(5000, function.GetProperty("policy").GetProperty("backOffMs").GetInt32());

        var job = Json(client.Ask("show job H:t:1"));
        Assert.Equal(("q\"uo\\te", "queued", "normal", 5), (
            job.GetProperty("unique").GetString(), job.GetProperty("state").GetString(),
            job.GetProperty("priority").GetString(), job.GetProperty("dataBytes").GetInt32()));
        var queue = client.Ask("show queue f").Split('\n');
        Assert.Equal(Rig.StartMs + 1500, Json(queue[1]).GetProperty("dueMs").GetInt64());
        Assert.Equal([".", ""], queue[2..]);
        Assert.Equal(2, client.Ask("show queue f 1").Count(c => c == '\n'));
        var server = Json(client.Ask("show server"));
        Assert.Equal(2, server.GetProperty("jobs").GetInt32());
        Assert.Equal(2, server.GetProperty("counters").GetProperty("submitted").GetInt32());
        Assert.Equal("ERR UNKNOWN_JOB\r\n", client.Ask("show job H:t:9"));
    }

    [Fact]
    public void NamesThatAreNoUtf8AreStillJson()
    {
        var client = _rig.Connect();
        client.Submit(PacketType.SubmitJobBg, "caf\xe9\x01", "", "x");
        Assert.Equal("café\u0001", Json(client.Ask("show functions").Split('\n')[0]).GetProperty("name").GetString());
    }

    private static JsonElement Json(string line) => JsonDocument.Parse(line).RootElement;
}
