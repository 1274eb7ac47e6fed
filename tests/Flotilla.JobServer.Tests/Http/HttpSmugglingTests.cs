using Flotilla.JobServer.Http;

namespace Flotilla.JobServer.Tests.Http;

/// <summary>Requests that two programs could read differently: each is answered 400, closed with one log line, and submits nothing.</summary>
public sealed class HttpSmugglingTests
{
    public static TheoryData<string, string> Tricks => new()
    {
        { "both Content-Length and Transfer-Encoding", "POST /f HTTP/1.1\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" },
        { "Transfer-Encoding before Content-Length", "POST /f HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n" },
        { "two lengths that differ", "POST /f HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab" },
        { "two lengths that agree", "POST /f HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\na" },
        { "a list of lengths", "POST /f HTTP/1.1\r\nContent-Length: 1, 1\r\n\r\na" },
        { "a signed length", "POST /f HTTP/1.1\r\nContent-Length: +1\r\n\r\na" },
        { "a negative length", "POST /f HTTP/1.1\r\nContent-Length: -1\r\n\r\na" },
        { "a blank in a length", "POST /f HTTP/1.1\r\nContent-Length: 1 0\r\n\r\na" },
        { "a hexadecimal length", "POST /f HTTP/1.1\r\nContent-Length: 0x1\r\n\r\na" },
        { "a length that overflows", "POST /f HTTP/1.1\r\nContent-Length: 18446744073709551617\r\n\r\na" },
        { "an empty length", "POST /f HTTP/1.1\r\nContent-Length:\r\n\r\na" },
        { "another transfer coding", "POST /f HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n" },
        { "chunked that is not last", "POST /f HTTP/1.1\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n" },
        { "a misspelt transfer coding", "POST /f HTTP/1.1\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" },
        { "a vertical tab before chunked", "POST /f HTTP/1.1\r\nTransfer-Encoding: \vchunked\r\n\r\n0\r\n\r\n" },
        { "two Transfer-Encodings", "POST /f HTTP/1.1\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" },
        { "chunks in HTTP/1.0", "POST /f HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" },
        { "a folded field", "POST /f HTTP/1.1\r\nX: a\r\n b\r\n\r\n" },
        { "a folded length", "POST /f HTTP/1.1\r\nContent-Length:\r\n 5\r\n\r\nabcde" },
        { "a blank before the first field", "POST /f HTTP/1.1\r\n Content-Length: 5\r\n\r\nabcde" },
        { "a bare carriage return", "POST /f HTTP/1.1\r\nX: a\rContent-Length: 5\r\n\r\nabcde" },
        { "a carriage return before the line end", "POST /f HTTP/1.1\r\nContent-Length: 5\r\r\n\r\nabcde" },
        { "a carriage return in the request line", "POST /f\r HTTP/1.1\r\n\r\n" },
        { "a blank before the colon", "POST /f HTTP/1.1\r\nContent-Length : 5\r\n\r\nabcde" },
        { "a tab before the colon", "POST /f HTTP/1.1\r\nTransfer-Encoding\t: chunked\r\n\r\n0\r\n\r\n" },
        { "a field without a name", "POST /f HTTP/1.1\r\n: 5\r\n\r\n" },
        { "a field without a colon", "POST /f HTTP/1.1\r\nContent-Length\r\n\r\n" },
        { "a zero byte in a field", "POST /f HTTP/1.1\r\nX: a\0b\r\n\r\n" },
        { "a zero byte in a name", "POST /f HTTP/1.1\r\nContent\0-Length: 5\r\n\r\nabcde" },
        { "a zero byte in the target", "POST /f\0 HTTP/1.1\r\n\r\n" },
        { "an escaped zero byte in the target", "POST /f%00 HTTP/1.1\r\n\r\n" },
        { "a broken escape", "POST /f%4 HTTP/1.1\r\n\r\n" },
        { "an escape with a sign", "POST /f%+4 HTTP/1.1\r\n\r\n" },
        { "a raw byte above ASCII in the target", "POST /\u00e9 HTTP/1.1\r\n\r\n" },
        { "two blanks in the request line", "POST  /f HTTP/1.1\r\n\r\n" },
        { "a blank after the version", "POST /f HTTP/1.1 \r\n\r\n" },
        { "no version", "GET /f\r\n\r\n" },
        { "a lower-case version", "GET /f http/1.1\r\n\r\n" },
        { "a target that is no path", "GET f HTTP/1.1\r\n\r\n" },
        { "two hosts", "GET /f HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n" },
        { "two uniques", "GET /f HTTP/1.1\r\nX-Gearman-Unique: a\r\nX-Gearman-Unique: b\r\n\r\n" },
        { "a background that is neither", "GET /f HTTP/1.1\r\nX-Gearman-Background: 1\r\n\r\n" },
        { "an unknown priority", "GET /f HTTP/1.1\r\nX-Gearman-Priority: urgent\r\n\r\n" },
        { "a signed chunk size", "POST /f HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n+1\r\na\r\n0\r\n\r\n" },
        { "a prefixed chunk size", "POST /f HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0x1\r\na\r\n0\r\n\r\n" },
        { "a blank after a chunk size", "POST /f HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1 \r\na\r\n0\r\n\r\n" },
        { "an empty chunk size", "POST /f HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n\r\na\r\n0\r\n\r\n" },
        { "a chunk size that overflows", "POST /f HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n100000000\r\na\r\n" },
        { "a chunk longer than its size", "POST /f HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n0\r\n\r\n" },
        { "a bare line feed after a chunk size", "POST /f HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\na\r\n0\r\n\r\n" },
        { "a bare line feed after chunk data", "POST /f HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\n0\r\n\r\n" },
        { "a bare line feed in a chunk extension", "POST /f HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1;a\nb\r\na\r\n0\r\n\r\n" },
        { "a length in a trailer", "POST /f HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nContent-Length: 5\r\n\r\n" },
        { "an endless chunk extension", "POST /f HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1;" + new string('a', 2000) },
        { "a TLS hello", "\u0016\u0003\u0001\u0002\0\u0001\0\u0001\u00fc\u0003\u0003\n\n" },
        { "a Gearman packet", "\0REQ\0\0\0\u0010\0\0\0\u0001\n" },
    };

    [Theory]
    [MemberData(nameof(Tricks))]
    public void IsRefusedWhole(string trick, string bytes)
    {
        var front = new HttpFront().Send(bytes);
        Assert.True(front.Take() is var answer && answer.Contains(" 400 Bad Request\r\n", StringComparison.Ordinal), $"{trick}: {answer}");
        Assert.Single(front.Closed);
        Assert.NotNull(front.Closed[0]);
        Assert.Empty(front.Submitted);
        Assert.Equal(0, front.ReceivedBytesKept);
    }

    [Theory]
    [MemberData(nameof(Tricks))]
    public void IsRefusedAlsoWhenItComesByteByByte(string trick, string bytes)
    {
        var front = new HttpFront().SendByteByByte(bytes);
        Assert.True(front.Closed.Count == 1, trick);
        Assert.Empty(front.Submitted);
    }

    [Fact]
    public void WhatFollowsARefusedRequestIsNeverARequest()
    {
        var front = new HttpFront().Send("POST /f HTTP/1.1\r\nContent-Length: 1, 1\r\n\r\naGET /g HTTP/1.1\r\n\r\n");
        front.Send("GET /h HTTP/1.1\r\n\r\n");
        Assert.Empty(front.Submitted);
        Assert.Single(front.Closed);
    }

    [Fact]
    public void AnAnnouncedLengthReservesNoMemory()
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        var fronts = Enumerable.Range(0, 100)
            .Select(_ => new HttpFront().Send("POST /f HTTP/1.1\r\nContent-Length: 60000000\r\n\r\nx"))
            .ToList();
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 4_000_000);
        Assert.All(fronts, front => Assert.Empty(front.Closed));
    }

    [Fact]
    public void EveryPrefixOfARequestWaitsForMore()
    {
        const string Whole = "POST /reverse HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nX-Gearman-Unique: u\r\n\r\n5\r\nHello\r\n0\r\n\r\n";
        for (var length = 0; length < Whole.Length; length++)
        {
            var front = new HttpFront().Send(Whole[..length]);
            Assert.Empty(front.Submitted);
            Assert.Empty(front.Closed);
            Assert.True(front.Output.IsEmpty);
        }
    }

    [Fact]
    public void OptionsOutOfRangeAreAllReported()
        => Assert.Equal(6, new HttpFrontOptions { MaxBodiesBytes = 1, MaxHeadBytes = 1, MaxFields = 1, MaxBodyBytes = -1, MaxGatheredBytes = -1, MaxFunctionBytes = 0 }.Validate().Count);
}
