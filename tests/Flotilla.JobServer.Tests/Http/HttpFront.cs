using System.Text;
using Flotilla.Gearman.Protocol;
using Flotilla.JobServer.Http;
using Flotilla.JobServer.Sessions;
using Flotilla.Primitives;

namespace Flotilla.JobServer.Tests.Http;

/// <summary>An HTTP session between a client's bytes and a machine whose answers the test speaks.</summary>
internal sealed class HttpFront(HttpFrontOptions? options = null, BodyBudget? bodies = null) : ISessionHost
{
    private readonly List<byte> _received = [];
    private readonly ByteQueue _packets = new();

    public HttpSession Session { get; } = new(options ?? new HttpFrontOptions(), bodies ?? new BodyBudget(long.MaxValue));

    /// <summary>What the session asked of the machine, but for the options it sets up a connection with.</summary>
    public List<(PacketType Type, string Body)> Submitted { get; } = [];

    public List<string> Options { get; } = [];

    public List<string?> Closed { get; } = [];

    public ByteQueue Output { get; } = new();

    public long NowMs => 784_111_777_000;

    public int ReceivedBytesKept => _received.Count;

    public void Packet(PacketMagic magic, PacketType type, ReadOnlySpan<byte> body)
    {
        Assert.Equal(PacketMagic.Request, magic);
        if (type == PacketType.GetStatus)
        {
            PacketWriter.Write(_packets, PacketMagic.Response, PacketType.StatusRes, body, "0\00\00\00"u8);
            return;
        }

        if (type != PacketType.OptionReq)
        {
            Submitted.Add((type, Encoding.Latin1.GetString(body)));
            return;
        }

        Options.Add(Encoding.Latin1.GetString(body));
        PacketWriter.Write(_packets, PacketMagic.Response, PacketType.OptionRes, body);
    }

    public void Line(ReadOnlySpan<byte> line) => Assert.Fail("the front sends no lines");

    public void Close(string? why) => Closed.Add(why);

    public HttpFront Send(string bytes) => Send(Encoding.Latin1.GetBytes(bytes));

    public HttpFront Send(ReadOnlySpan<byte> bytes)
    {
        _received.AddRange(bytes);
        Run();
        return this;
    }

    public HttpFront SendByteByByte(string bytes)
    {
        foreach (var one in Encoding.Latin1.GetBytes(bytes))
            Send([one]);
        return this;
    }

    /// <summary>The machine answers with a packet whose arguments are separated by zero characters.</summary>
    public HttpFront Answer(PacketType type, string body)
    {
        PacketWriter.Write(_packets, PacketMagic.Response, type, Encoding.Latin1.GetBytes(body));
        Run();
        return this;
    }

    /// <summary>As <see cref="Answer"/>, but the bytes come in pieces of a few bytes each.</summary>
    public HttpFront AnswerInPieces(PacketType type, string body)
    {
        var whole = new ByteQueue();
        PacketWriter.Write(whole, PacketMagic.Response, type, Encoding.Latin1.GetBytes(body));
        foreach (var piece in whole.ToArray().Chunk(5))
            _packets.AppendShared(piece);
        Run();
        return this;
    }

    public HttpFront End()
    {
        Session.OnEndOfInput(this);
        Run();
        return this;
    }

    /// <summary>What the client has received since the last call, without the fields that every answer carries.</summary>
    public string Take()
    {
        var text = Encoding.Latin1.GetString(Output.ToArray());
        Output.Clear();
        return text
            .Replace("Server: Flotilla\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n", "", StringComparison.Ordinal)
            .Replace("X-Content-Type-Options: nosniff\r\n", "", StringComparison.Ordinal)
            .Replace("Content-Type: application/octet-stream\r\n", "", StringComparison.Ordinal);
    }

    private void Run()
    {
        while (true)
        {
            Session.Translate(_packets, Output, this);
            if (_received.Count == 0 || !Session.AcceptsInput)
                return;
            var used = Session.Receive(_received.ToArray(), this);
            Assert.InRange(used, 0, _received.Count);
            _received.RemoveRange(0, used);
            Session.Translate(_packets, Output, this);
            if (used == 0)
                return;
        }
    }
}
