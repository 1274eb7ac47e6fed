using Flotilla.Gearman.Protocol;
using Flotilla.JobServer.Http;

namespace Flotilla.JobServer.Tests.Http;

public sealed class HttpSessionTests
{
    private const string Handle = "H:box:1";

    [Fact]
    public void TheOriginalDemoTypedIntoNetcatIsAnswered()
    {
        var front = new HttpFront();
        front.Send("POST /reverse HTTP/1.1\nContent-Length: 12\n\nHello World!");
        Assert.Equal([(PacketType.SubmitJob, "reverse\0\0Hello World!")], front.Submitted);
        front.Answer(PacketType.JobCreated, Handle).Answer(PacketType.WorkComplete, $"{Handle}\0!dlroW olleH");
        Assert.Equal(
            "HTTP/1.1 200 OK\r\nX-Gearman-Job-Handle: H:box:1\r\nX-Gearman-Command: WORK_COMPLETE\r\nContent-Length: 12\r\n\r\n!dlroW olleH",
            front.Take());
        Assert.Empty(front.Closed);
    }

    [Fact]
    public void TheOriginalDemoMayBeTypedAgainOnTheSameConnectionWithTheLineEndAfterTheBody()
    {
        var front = new HttpFront();
        for (var round = 0; round < 3; round++)
        {
            front.Send("POST /reverse HTTP/1.1\nContent-Length: 12\n\nHello World!\n");
            front.Answer(PacketType.JobCreated, Handle).Answer(PacketType.WorkComplete, $"{Handle}\0x");
            Assert.EndsWith("\r\n\r\nx", front.Take(), StringComparison.Ordinal);
        }

        Assert.Equal(3, front.Submitted.Count);
        Assert.Empty(front.Closed);
    }

    [Fact]
    public void ARequestMayArriveByteByByte()
    {
        var front = new HttpFront();
        front.SendByteByByte("PUT /f HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3;a=b\r\nabc\r\n2\r\nde\r\n0\r\nT: 1\r\n\r\n");
        Assert.Equal([(PacketType.SubmitJob, "f\0\0abcde")], front.Submitted);
    }

    [Theory]
    [InlineData("", "", PacketType.SubmitJob)]
    [InlineData("true", "", PacketType.SubmitJobBg)]
    [InlineData("false", "high", PacketType.SubmitJobHigh)]
    [InlineData("TRUE", "High", PacketType.SubmitJobHighBg)]
    [InlineData("", "low", PacketType.SubmitJobLow)]
    [InlineData("true", "low", PacketType.SubmitJobLowBg)]
    [InlineData("", "normal", PacketType.SubmitJob)]
    public void BackgroundAndPriorityChooseThePacket(string background, string priority, PacketType expected)
    {
        var front = new HttpFront();
        var fields = (background.Length > 0 ? $"X-Gearman-Background: {background}\r\n" : "")
            + (priority.Length > 0 ? $"x-gearman-priority:{priority}\r\n" : "");
        front.Send($"GET /f HTTP/1.1\r\nX-Gearman-Unique: u1\r\n{fields}\r\n");
        Assert.Equal([(expected, "f\0u1\0")], front.Submitted);
    }

    [Theory]
    [InlineData("/reverse", "reverse")]
    [InlineData("/a%20b%2Fc", "a b/c")]
    [InlineData("/a/b", "a/b")]
    [InlineData("/caf%c3%A9", "caf\u00c3\u00a9")]
    [InlineData("/a+b", "a+b")]
    [InlineData("/f?x=1&y=/2", "f")]
    [InlineData("http://host:80/f", "f")]
    public void TheFunctionIsTheDecodedPathWithoutTheQuery(string target, string function)
    {
        var front = new HttpFront().Send($"GET {target} HTTP/1.1\r\n\r\n");
        Assert.Equal([(PacketType.SubmitJob, function + "\0\0")], front.Submitted);
    }

    [Fact]
    public void ABackgroundJobIsAnsweredWithItsHandleAtOnce()
    {
        var front = new HttpFront().Send("POST /f HTTP/1.1\r\nX-Gearman-Background: true\r\nContent-Length: 1\r\n\r\nx");
        Assert.Equal("", front.Take());
        front.Answer(PacketType.JobCreated, Handle);
        Assert.Equal(
            "HTTP/1.1 200 OK\r\nX-Gearman-Job-Handle: H:box:1\r\nX-Gearman-Command: JOB_CREATED\r\nContent-Length: 0\r\n\r\n", front.Take());
    }

    [Fact]
    public void PartialDataIsStreamedInChunksAndEmptyDataEndsNothing()
    {
        var front = new HttpFront().Send("GET /f HTTP/1.1\r\n\r\n").Answer(PacketType.JobCreated, Handle);
        front.Answer(PacketType.WorkData, $"{Handle}\0hello");
        Assert.Equal(
            "HTTP/1.1 200 OK\r\nX-Gearman-Job-Handle: H:box:1\r\nX-Gearman-Command: WORK_DATA\r\n"
            + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
            front.Take());
        front.Answer(PacketType.WorkData, $"{Handle}\0").AnswerInPieces(PacketType.WorkData, $"{Handle}\0twenty-six letters in all!");
        Assert.Equal("1a\r\ntwenty-six letters in all!\r\n", front.Take());
        front.Answer(PacketType.WorkComplete, $"{Handle}\0end");
        Assert.Equal("3\r\nend\r\n0\r\n\r\n", front.Take());
        Assert.True(front.Session.AcceptsInput);
        Assert.Empty(front.Closed);
    }

    [Fact]
    public void B7WarningsAndStatusNeverCorruptTheResponse()
    {
        var front = new HttpFront().Send("GET /f HTTP/1.1\r\n\r\n").Answer(PacketType.JobCreated, Handle);
        front.Answer(PacketType.WorkStatus, $"{Handle}\01\02").Answer(PacketType.WorkWarning, $"{Handle}\0careful");
        Assert.Equal("", front.Take());
        front.Answer(PacketType.WorkData, $"{Handle}\0chunk").Answer(PacketType.WorkStatus, $"{Handle}\02\02");
        front.Answer(PacketType.WorkWarning, $"{Handle}\0careful").Answer(PacketType.WorkComplete, $"{Handle}\0");
        Assert.EndsWith("\r\n\r\n5\r\nchunk\r\n0\r\n\r\n", front.Take(), StringComparison.Ordinal);
    }

    [Fact]
    public void PartialDataIsGatheredForHttp10()
    {
        var front = new HttpFront().Send("GET /f HTTP/1.0\r\n\r\n").Answer(PacketType.JobCreated, Handle);
        front.Answer(PacketType.WorkData, $"{Handle}\0hello ").Answer(PacketType.WorkData, $"{Handle}\0wo");
        Assert.Equal("", front.Take());
        front.Answer(PacketType.WorkComplete, $"{Handle}\0rld");
        Assert.Equal(
            "HTTP/1.0 200 OK\r\nX-Gearman-Job-Handle: H:box:1\r\nX-Gearman-Command: WORK_COMPLETE\r\n"
            + "Content-Length: 11\r\nConnection: close\r\n\r\nhello world",
            front.Take());
        Assert.Equal([null], front.Closed);
    }

    [Fact]
    public void MoreDataThanIsGatheredForHttp10IsAnErrorAndTheConnectionEnds()
    {
        var front = new HttpFront(new HttpFrontOptions { MaxGatheredBytes = 8 });
        front.Send("GET /f HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").Answer(PacketType.JobCreated, Handle);
        front.Answer(PacketType.WorkData, $"{Handle}\0hello ").Answer(PacketType.WorkData, $"{Handle}\0world");
        Assert.StartsWith("HTTP/1.0 500 ", front.Take(), StringComparison.Ordinal);
        Assert.Single(front.Closed);
    }

    [Theory]
    [InlineData(PacketType.WorkFail, "H:box:1", "WORK_FAIL", "")]
    [InlineData(PacketType.WorkFail, "H:box:1\0", "WORK_FAIL", "")]
    [InlineData(PacketType.WorkException, "H:box:1\0broke", "WORK_EXCEPTION", "broke")]
    public void AFailedJobIsAnsweredWith500(PacketType type, string body, string command, string answer)
    {
        var front = new HttpFront().Send("GET /f HTTP/1.1\r\n\r\n").Answer(PacketType.JobCreated, Handle).Answer(type, body);
        Assert.Equal(
            $"HTTP/1.1 500 Internal Server Error\r\nX-Gearman-Job-Handle: H:box:1\r\nX-Gearman-Command: {command}\r\n"
            + $"Content-Length: {answer.Length}\r\n\r\n{answer}",
            front.Take());
        Assert.Equal(["exceptions"], front.Options);
        Assert.Empty(front.Closed);
    }

    [Fact]
    public void AJobThatFailsAfterPartOfItsAnswerLeavesTheAnswerVisiblyIncomplete()
    {
        var front = new HttpFront().Send("GET /f HTTP/1.1\r\n\r\n").Answer(PacketType.JobCreated, Handle);
        front.Answer(PacketType.WorkData, $"{Handle}\0part").Answer(PacketType.WorkFail, Handle);
        Assert.EndsWith("\r\n4\r\npart\r\n", front.Take(), StringComparison.Ordinal);
        Assert.Single(front.Closed);
    }

    [Theory]
    [InlineData("QUEUE_ERROR\0Job queue is full", 503, "Retry-After: 1\r\n")]
    [InlineData("ARGUMENT_TOO_LARGE\0Unique value too large", 400, "")]
    [InlineData("INTERNAL\0odd", 500, "")]
    public void ARefusedJobIsAnsweredWithItsStatusAndTheConnectionGoesOn(string error, int status, string field)
    {
        var front = new HttpFront().Send("GET /f HTTP/1.1\r\n\r\n").Answer(PacketType.Error, error);
        var answer = front.Take();
        Assert.StartsWith($"HTTP/1.1 {status} ", answer, StringComparison.Ordinal);
        Assert.Contains(field, answer, StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\n" + error.Split('\0')[1], answer, StringComparison.Ordinal);
        Assert.Empty(front.Closed);
        Assert.True(front.Session.AcceptsInput);
    }

    [Theory]
    [InlineData("", 401)]
    [InlineData("Authorization: Bearer right\r\n", 403)]
    public void AJobThatMayNotBeSubmittedIs401WithoutASecretAnd403WithOne(string field, int status)
    {
        var front = new HttpFront().Send($"GET /f HTTP/1.1\r\n{field}\r\n").Answer(PacketType.Error, "NOT_AUTHORIZED\0no");
        Assert.StartsWith($"HTTP/1.1 {status} ", front.Take(), StringComparison.Ordinal);
        Assert.Single(front.Closed);
    }

    [Fact]
    public void ASecretIsShownToTheMachineBeforeTheJobAndEveryRequestMustCarryIt()
    {
        var front = new HttpFront().Send("GET /f HTTP/1.1\r\nAuthorization: Bearer s3cret\r\n\r\n");
        Assert.Equal(["auth:s3cret", "exceptions"], front.Options);
        front.Answer(PacketType.JobCreated, Handle).Answer(PacketType.WorkComplete, $"{Handle}\0");
        front.Take();
        front.Send("GET /f HTTP/1.1\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 401 ", front.Take(), StringComparison.Ordinal);
        Assert.Single(front.Submitted);
    }

    [Fact]
    public void HeadGetsTheLengthButNoBody()
    {
        var front = new HttpFront().Send("HEAD /f HTTP/1.1\r\n\r\n").Answer(PacketType.JobCreated, Handle);
        front.Answer(PacketType.WorkData, $"{Handle}\0hello").Answer(PacketType.WorkComplete, $"{Handle}\0world!");
        Assert.Equal(
            "HTTP/1.1 200 OK\r\nX-Gearman-Job-Handle: H:box:1\r\nX-Gearman-Command: WORK_COMPLETE\r\nContent-Length: 11\r\n\r\n", front.Take());
        front.Send("HEAD / HTTP/1.1\r\n\r\n");
        Assert.EndsWith("\r\nConnection: close\r\n\r\n", front.Take(), StringComparison.Ordinal);
    }

    [Fact]
    public void PipelinedRequestsAreAnsweredInOrderOneAtATime()
    {
        var front = new HttpFront().Send("GET /a HTTP/1.1\r\n\r\nPOST /b HTTP/1.1\r\nContent-Length: 2\r\n\r\nbbGET /c HTTP/1.1\r\n\r\n");
        foreach (var (name, index) in new[] { "a", "b", "c" }.Select((name, index) => (name, index)))
        {
            Assert.Equal(index + 1, front.Submitted.Count);
            Assert.StartsWith(name + "\0", front.Submitted[^1].Body, StringComparison.Ordinal);
            front.Answer(PacketType.JobCreated, $"H:box:{index}").Answer(PacketType.WorkComplete, $"H:box:{index}\0{name}");
        }

        Assert.Equal(3, front.Take().Split("HTTP/1.1 200 OK").Length - 1);
        Assert.Equal(0, front.ReceivedBytesKept);
    }

    [Theory]
    [InlineData("HTTP/1.1", "", true)]
    [InlineData("HTTP/1.1", "Connection: close\r\n", false)]
    [InlineData("HTTP/1.1", "Connection: foo, Close\r\n", false)]
    [InlineData("HTTP/1.0", "", false)]
    [InlineData("HTTP/1.0", "Connection: Keep-Alive\r\n", true)]
    public void KeepAliveFollowsVersionAndConnectionField(string version, string field, bool keeps)
    {
        var front = new HttpFront().Send($"GET /f {version}\r\n{field}\r\n").Answer(PacketType.JobCreated, Handle);
        front.Answer(PacketType.WorkComplete, $"{Handle}\0");
        Assert.Equal(keeps, front.Closed.Count == 0);
        Assert.Equal(!keeps, front.Take().Contains("Connection: close", StringComparison.Ordinal));
    }

    [Fact]
    public void ContinueIsSaidOnlyToWhoExpectsItAndHasNotBegunTheBody()
    {
        var front = new HttpFront().Send("POST /f HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
        Assert.Equal("HTTP/1.1 100 Continue\r\n\r\n", front.Take());
        front.Send("ab");
        Assert.Equal([(PacketType.SubmitJob, "f\0\0ab")], front.Submitted);
        var eager = new HttpFront().Send("POST /f HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\na");
        Assert.Equal("", eager.Take());
        var old = new HttpFront().Send("POST /f HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
        Assert.Equal("", old.Take());
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\n\r\n", 404)]
    [InlineData("DELETE /f HTTP/1.1\r\n\r\n", 405)]
    [InlineData("TRACE /f HTTP/1.1\r\n\r\n", 405)]
    [InlineData("OPTIONS * HTTP/1.1\r\n\r\n", 405)]
    [InlineData("POST /f HTTP/1.1\r\nContent-Length: 101\r\n\r\n", 413)]
    [InlineData("POST /f HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n65\r\n", 413)]
    [InlineData("POST /f HTTP/1.1\r\nExpect: miracles\r\n\r\n", 417)]
    [InlineData("PRI * HTTP/2.0\r\n\r\n", 505)]
    [InlineData("GET /12345678901234567 HTTP/1.1\r\n\r\n", 414)]
    [InlineData("GET /f HTTP/1.1\r\nOrigin: http://elsewhere\r\n\r\n", 403)]
    [InlineData("GET /favicon.ico HTTP/1.1\r\nSec-Fetch-Site: same-origin\r\n\r\n", 403)]
    public void ARequestThatCannotBeServedIsAnsweredWithItsStatusAndClosed(string request, int status)
    {
        var front = new HttpFront(new HttpFrontOptions { MaxBodyBytes = 100, MaxFunctionBytes = 16 }).Send(request);
        Assert.StartsWith($"HTTP/1.1 {status} ", front.Take().Replace("HTTP/1.0", "HTTP/1.1", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Single(front.Closed);
        Assert.Empty(front.Submitted);
    }

    [Fact]
    public void AHeadThatNeverEndsIs431AndHoldsNoMoreThanItsLimit()
    {
        var front = new HttpFront(new HttpFrontOptions { MaxHeadBytes = 1024 });
        front.Send("GET /f HTTP/1.1\r\n");
        for (var i = 0; i < 200 && front.Closed.Count == 0; i++)
            front.Send("X-Filler: 12345\r\n");
        Assert.StartsWith("HTTP/1.1 431 ", front.Take(), StringComparison.Ordinal);
        Assert.InRange(front.ReceivedBytesKept, 0, 1024);
        var manyFields = new HttpFront().Send("GET /f HTTP/1.1\r\n" + string.Concat(Enumerable.Repeat("A: b\r\n", 101)));
        Assert.StartsWith("HTTP/1.1 431 ", manyFields.Take(), StringComparison.Ordinal);
    }

    [Fact]
    public void AClientThatLeavesMidRequestSubmitsNothingAndOneThatLeavesMidAnswerAbandonsItsJob()
    {
        var early = new HttpFront().Send("POST /f HTTP/1.1\r\nContent-Length: 10\r\n\r\nhalf").End();
        Assert.Empty(early.Submitted);
        Assert.Single(early.Closed);
        var waiting = new HttpFront().Send("GET /f HTTP/1.1\r\n\r\n").Answer(PacketType.JobCreated, Handle).End();
        Assert.Single(waiting.Closed);
        waiting.Answer(PacketType.WorkComplete, $"{Handle}\0late");
        Assert.Equal("", waiting.Take());
    }

    [Fact]
    public void ABackgroundJobThatIsBeingStoredIsAnsweredToAClientThatEndedItsSide()
    {
        var front = new HttpFront().Send("POST /f HTTP/1.1\r\nX-Gearman-Background: true\r\n\r\n").End();
        Assert.Empty(front.Closed);
        front.Answer(PacketType.JobCreated, Handle);
        Assert.Contains("X-Gearman-Command: JOB_CREATED", front.Take(), StringComparison.Ordinal);
        Assert.Equal([null], front.Closed);
    }
}
