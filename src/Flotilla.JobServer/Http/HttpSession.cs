using System.Security.Cryptography;
using Flotilla.Gearman.Protocol;
using Flotilla.JobServer.Core;
using Flotilla.JobServer.Sessions;
using Flotilla.Primitives;

namespace Flotilla.JobServer.Http;

/// <summary>
/// The HTTP dialect: <c>GET|HEAD|POST|PUT /function</c> submits a job whose workload is the body, and the answer is the job's.
/// One request at a time; pipelined ones wait in the host's receive buffer. Described in docs/protocols/http.md.
/// </summary>
public sealed class HttpSession(HttpFrontOptions options, BodyBudget bodies) : Session
{
    private readonly RequestBody _body = new(bodies);
    private readonly HttpAnswer _answer = new(options);
    private ChunkedDecoder _chunks;
    private Stage _stage;
    private long _bodyLeftBytes;
    private JobPriority _priority;
    private RequestMethod _method;
    private int _minorVersion;
    private byte[]? _secret;
    private bool _hasAskedForExceptions;
    private bool _hasProbed;

    private enum Stage : byte
    {
        Head,
        Body,
        Chunks,

        /// <summary>The job is submitted; nothing more is taken until its answer is written.</summary>
        Answer,

        /// <summary>The connection ends when its output was sent; whatever still comes is dropped.</summary>
        Closed,
    }

    public override bool AcceptsInput => _stage != Stage.Answer;

    /// <summary>Bodies are taken as they come.</summary>
    public override bool IsInsideMessage => _stage is Stage.Body or Stage.Chunks;

    public override bool TranslatesOutput => true;

    public override int Receive(ReadOnlySpan<byte> received, ISessionHost host)
    {
        var at = 0;
        while (at < received.Length && AcceptsInput)
        {
            var used = _stage switch
            {
                Stage.Head => TakeHead(received[at..], host),
                Stage.Body => TakeBody(received[at..], host),
                Stage.Chunks => TakeChunks(received[at..], host),
                Stage.Closed or Stage.Answer => received.Length - at,
                _ => throw new InvariantViolationException($"stage {_stage}"),
            };
            if (used == 0)
                break;
            at += used;
        }

        return at;
    }

    public override void Translate(ByteQueue packets, ByteQueue output, ISessionHost host)
    {
        while (PacketQueue.TryTakeHeader(packets, out var header))
        {
            var isDone = _stage == Stage.Closed
                ? HttpAnswer.Skip(packets, (int)header.BodyLengthBytes)
                : _answer.Take(header, packets, output, host.NowMs);
            if (isDone)
                Finish(host);
        }
    }

    /// <summary>
    /// A client that ends its side gives up: its foreground job is abandoned, as over the binary protocol. A background job that
    /// is being stored is still answered.
    /// </summary>
    public override void OnEndOfInput(ISessionHost host)
    {
        if (_stage == Stage.Answer && _answer.IsBackground)
            _answer.KeepsAlive = false;
        else
            Close(host, _stage == Stage.Head ? null : "the client left before its answer");
    }

    public override void OnClosed()
    {
        _stage = Stage.Closed;
        _body.Release();
        _answer.Release();
    }

    private int TakeHead(ReadOnlySpan<byte> received, ISessionHost host)
    {
        var outcome = RequestHeadParser.Parse(received, options, out var head);
        if (outcome.IsRefused)
            return Refuse(outcome, received.Length, head.MinorVersion, head.Method, host);
        if (outcome.UsedBytes == 0)
            return 0;
        Span<byte> function = stackalloc byte[options.MaxFunctionBytes];
        var name = RequestTarget.ReadFunction(head.Target, function);
        var refusal = name.IsRefused ? name : Admit(ref head);
        if (refusal.IsRefused)
            return Refuse(refusal, received.Length, head.MinorVersion, head.Method, host);
        _answer.Begin(ref head);
        _priority = head.Priority ?? JobPriority.Normal;
        (_method, _minorVersion) = (head.Method, head.MinorVersion);
        if (!_body.TryStart(function[..(name.UsedBytes - 1)], head.Unique))
            return Refuse(ParseOutcome.BodiesFull, received.Length, head.MinorVersion, head.Method, host);
        Introduce(ref head, host);
        if (head.ExpectsContinue && head.HasBody && head.MinorVersion > 0 && outcome.UsedBytes == received.Length)
            host.Output.Append("HTTP/1.1 100 Continue\r\n\r\n"u8);
        if (!head.HasBody)
            Submit(host);
        else
            AwaitBody(ref head);
        return outcome.UsedBytes;
    }

    private void AwaitBody(ref readonly RequestHead head)
    {
        _stage = head.IsChunked ? Stage.Chunks : Stage.Body;
        _bodyLeftBytes = head.ContentLengthBytes;
        _chunks = default;
    }

    /// <summary>What a well-formed request may still not do.</summary>
    private ParseOutcome Admit(ref readonly RequestHead head)
    {
        if (head.IsFromWebPage && !options.AllowWebPages)
            return ParseOutcome.Refused(403, "requests sent by web pages submit no jobs");
        if (head.ContentLengthBytes > options.MaxBodyBytes)
            return ParseOutcome.Refused(413, "the body is too large");
        return _secret is not null && !CryptographicOperations.FixedTimeEquals(_secret, head.Secret)
            ? ParseOutcome.Refused(401, "the secret differs from the one this connection began with")
            : ParseOutcome.Fine;
    }

    /// <summary>
    /// Before the first job: show the secret, if one was given, and ask for exceptions as they are. A request that has a body but no
    /// secret first asks something harmless, so that a peer without access is turned away before its body fills memory.
    /// </summary>
    private void Introduce(ref readonly RequestHead head, ISessionHost host)
    {
        if (_secret is null && !head.Secret.IsEmpty)
        {
            _secret = head.Secret.ToArray();
            _answer.Awaits(secret: true, option: false, probe: false);
            host.Packet(PacketMagic.Request, PacketType.OptionReq, [.. "auth:"u8, .. head.Secret]);
        }

        if (!_hasAskedForExceptions)
        {
            _hasAskedForExceptions = true;
            _answer.Awaits(secret: false, option: true, probe: false);
            host.Packet(PacketMagic.Request, PacketType.OptionReq, "exceptions"u8);
        }

        if (_hasProbed || _secret is not null || !head.HasBody)
            return;
        _hasProbed = true;
        _answer.Awaits(secret: false, option: false, probe: true);
        host.Packet(PacketMagic.Request, PacketType.GetStatus, "-"u8);
    }

    private int TakeBody(ReadOnlySpan<byte> received, ISessionHost host)
    {
        var part = (int)Math.Min(received.Length, _bodyLeftBytes);
        if (!_body.TryAppend(received[..part]))
            return Refuse(ParseOutcome.BodiesFull, received.Length, _minorVersion, _method, host);
        _bodyLeftBytes -= part;
        if (_bodyLeftBytes == 0)
            Submit(host);
        return part;
    }

    private int TakeChunks(ReadOnlySpan<byte> received, ISessionHost host)
    {
        var outcome = _chunks.Take(received, _body, options.MaxBodyBytes);
        if (outcome.IsRefused)
            return Refuse(outcome, received.Length, _minorVersion, _method, host);
        if (_chunks.IsDone)
            Submit(host);
        return outcome.UsedBytes;
    }

    private void Submit(ISessionHost host)
    {
        _stage = Stage.Answer;
        host.Packet(PacketMagic.Request, PacketTypeOf(_priority, _answer.IsBackground), _body.Packet);
        _body.Release();
    }

    private static PacketType PacketTypeOf(JobPriority priority, bool isBackground) => (priority, isBackground) switch
    {
        (JobPriority.High, false) => PacketType.SubmitJobHigh,
        (JobPriority.High, true) => PacketType.SubmitJobHighBg,
        (JobPriority.Normal, false) => PacketType.SubmitJob,
        (JobPriority.Normal, true) => PacketType.SubmitJobBg,
        (JobPriority.Low, false) => PacketType.SubmitJobLow,
        (JobPriority.Low, true) => PacketType.SubmitJobLowBg,
        _ => throw new InvariantViolationException($"priority {priority}"),
    };

    private int Refuse(in ParseOutcome outcome, int receivedBytes, int minorVersion, RequestMethod method, ISessionHost host)
    {
        Invariant.Require(outcome.Why is not null);
        HttpAnswer.Refuse(host.Output, outcome.Status, outcome.Why, minorVersion, method == RequestMethod.Head, host.NowMs);
        Close(host, $"HTTP {outcome.Status}: {outcome.Why}");
        return receivedBytes;
    }

    private void Finish(ISessionHost host)
    {
        if (_answer.KeepsAlive)
            _stage = Stage.Head;
        else
            Close(host, _answer.WhyClosed);
    }

    private void Close(ISessionHost host, string? why)
    {
        OnClosed();
        host.Close(why);
    }
}
