using Flotilla.Gearman.Protocol;
using Flotilla.Primitives;

namespace Flotilla.JobServer.Http;

/// <summary>
/// The answer to one request, made of the packets that the machine sends to the connection. WORK_DATA becomes chunks; WORK_STATUS and
/// WORK_WARNING have no place in an answer and are dropped, so that neither ever ends or mixes with it.
/// </summary>
internal sealed class HttpAnswer(HttpFrontOptions options)
{
    /// <summary>Longer than any handle this server gives.</summary>
    private const int MaxHandleBytes = 512;

    private readonly byte[] _handleBytes = new byte[MaxHandleBytes];
    private int _handleLength;
    private int _minorVersion;
    private bool _isHead;
    private bool _isStreaming;
    private bool _awaitsSecret;
    private bool _awaitsOption;
    private bool _awaitsProbe;
    private bool _hasSecret;
    private long _unsentBytes;
    private ByteQueue? _gathered;

    public bool IsBackground { get; private set; }

    public bool KeepsAlive { get; set; }

    /// <summary>Why the connection ends with this answer, for the log; null for an orderly end.</summary>
    public string? WhyClosed { get; private set; }

    private ReadOnlySpan<byte> Handle => _handleBytes.AsSpan(0, _handleLength);

    public void Begin(ref readonly RequestHead head)
    {
        _handleLength = 0;
        _minorVersion = head.MinorVersion;
        _isHead = head.Method == RequestMethod.Head;
        _isStreaming = false;
        _unsentBytes = 0;
        _hasSecret = !head.Secret.IsEmpty;
        IsBackground = head.IsBackground;
        KeepsAlive = head.KeepsAlive;
        WhyClosed = null;
    }

    /// <summary>Answers that come before the job's, in this order; each of them once per connection.</summary>
    public void Awaits(bool secret, bool option, bool probe)
    {
        _awaitsSecret |= secret;
        _awaitsOption |= option;
        _awaitsProbe |= probe;
    }

    /// <summary>Takes one packet; true when the answer is complete, or ended for good.</summary>
    public bool Take(in PacketHeader header, ByteQueue packets, ByteQueue output, long nowMs)
    {
        var bodyBytes = (int)header.BodyLengthBytes;
        switch (header.Type)
        {
            case PacketType.OptionRes or PacketType.StatusRes:
                TakeAwaited();
                return Skip(packets, bodyBytes);
            case PacketType.Error:
                return TakeError(packets, bodyBytes, output, nowMs);
            case PacketType.JobCreated:
                return TakeCreated(packets, bodyBytes, output, nowMs);
            case PacketType.WorkData:
                return TakeData(packets, bodyBytes, output, nowMs);
            case PacketType.WorkComplete:
                return TakeEnd(packets, bodyBytes, output, nowMs, 200, "WORK_COMPLETE"u8);
            case PacketType.WorkFail:
                return TakeEnd(packets, bodyBytes, output, nowMs, 500, "WORK_FAIL"u8);
            case PacketType.WorkException:
                return TakeEnd(packets, bodyBytes, output, nowMs, 500, "WORK_EXCEPTION"u8);
            default:
                return Skip(packets, bodyBytes);
        }
    }

    /// <summary>Drops a packet's body; false, for it completes nothing.</summary>
    public static bool Skip(ByteQueue packets, int bodyBytes)
    {
        packets.Consume(bodyBytes);
        return false;
    }

    /// <summary>Answers a request that became no job; the connection ends with it.</summary>
    public static void Refuse(ByteQueue output, int status, string why, int minorVersion, bool isHead, long nowMs)
    {
        new AnswerHead
        {
            Status = status,
            MinorVersion = minorVersion,
            BodyBytes = why.Length + 1,
            ContentType = "text/plain; charset=utf-8"u8,
        }.Write(output, nowMs);
        if (isHead)
            return;
        output.Append(System.Text.Encoding.ASCII.GetBytes(why));
        output.Append("\n"u8);
    }

    public void Release()
    {
        _gathered?.Clear();
        _gathered = null;
    }

    /// <summary>The next awaited answer is here; what it means if it is an error, null if that can be lived with.</summary>
    private string? TakeAwaited()
    {
        if (_awaitsSecret)
        {
            _awaitsSecret = false;
            return "the secret is wrong";
        }

        if (_awaitsOption)
        {
            _awaitsOption = false;
            return null;
        }

        _awaitsProbe = false;
        return "a secret is needed";
    }

    private bool TakeCreated(ByteQueue packets, int bodyBytes, ByteQueue output, long nowMs)
    {
        Invariant.Require(PacketQueue.TryTakeArgument(packets, ref bodyBytes, _handleBytes, out _handleLength));
        packets.Consume(bodyBytes);
        if (!IsBackground)
            return false;
        WriteHead(output, nowMs, 200, 0, "JOB_CREATED"u8);
        return true;
    }

    /// <summary>ERROR is code, zero, text.</summary>
    private bool TakeError(ByteQueue packets, int bodyBytes, ByteQueue output, long nowMs)
    {
        Span<byte> code = stackalloc byte[64];
        if (!PacketQueue.TryTakeArgument(packets, ref bodyBytes, code, out var length))
            length = 0;
        code = code[..length];
        if (_awaitsSecret || _awaitsOption || _awaitsProbe)
        {
            packets.Consume(bodyBytes);
            return TakeAwaited() is { } why && Fail(output, nowMs, 401, why);
        }

        if (_isStreaming)
        {
            packets.Consume(bodyBytes);
            return CutOff("the server refused a job whose answer had begun");
        }

        // The refusal of a job is an answer like any other: the connection goes on unless it may not be here at all.
        var status = StatusOf(code, _hasSecret);
        if (status is 401 or 403)
            KeepsAlive = false;
        new AnswerHead
        {
            Status = status,
            MinorVersion = _minorVersion,
            KeepsAlive = KeepsAlive,
            BodyBytes = bodyBytes,
            ContentType = "text/plain; charset=utf-8"u8,
            Command = "ERROR"u8,
        }.Write(output, nowMs);
        SendOrSkip(packets, bodyBytes, output);
        return true;
    }

    private static int StatusOf(ReadOnlySpan<byte> code, bool hasSecret)
    {
        if (code.SequenceEqual("QUEUE_ERROR"u8))
            return 503;
        if (code.SequenceEqual("NOT_AUTHORIZED"u8))
            return hasSecret ? 403 : 401;
        if (code.SequenceEqual("ARGUMENT_TOO_LARGE"u8) || code.SequenceEqual("INVALID_COMMAND"u8))
            return 400;
        return 500;
    }

    private bool TakeData(ByteQueue packets, int bodyBytes, ByteQueue output, long nowMs)
    {
        if (!IsMine(packets, ref bodyBytes) || bodyBytes == 0)
            return Skip(packets, bodyBytes);
        if (_isHead)
        {
            _unsentBytes += bodyBytes;
            return Skip(packets, bodyBytes);
        }

        if (_minorVersion == 0)
            return Gather(packets, bodyBytes, output, nowMs);
        if (!_isStreaming)
        {
            _isStreaming = true;
            WriteHead(output, nowMs, 200, AnswerHead.Chunked, "WORK_DATA"u8);
        }

        WriteChunk(packets, bodyBytes, output);
        return false;
    }

    private bool Gather(ByteQueue packets, int bodyBytes, ByteQueue output, long nowMs)
    {
        _gathered ??= new ByteQueue();
        if (_gathered.LengthBytes + bodyBytes > options.MaxGatheredBytes)
        {
            packets.Consume(bodyBytes);
            return Fail(output, nowMs, 500, "more partial data than is gathered for HTTP/1.0");
        }

        PacketQueue.Move(packets, _gathered, bodyBytes);
        return false;
    }

    private bool TakeEnd(ByteQueue packets, int bodyBytes, ByteQueue output, long nowMs, int status, ReadOnlySpan<byte> command)
    {
        if (!IsMine(packets, ref bodyBytes))
            return Skip(packets, bodyBytes);
        if (_isStreaming)
        {
            // Without the last chunk the client knows that it has no whole answer; a status can't be taken back.
            if (status != 200)
                return !Skip(packets, bodyBytes) && CutOff("a job failed after part of its answer was sent");
            if (bodyBytes > 0)
                WriteChunk(packets, bodyBytes, output);
            output.Append("0\r\n\r\n"u8);
            return true;
        }

        if (status != 200)
        {
            Release();
            _unsentBytes = 0;
        }

        var gatheredBytes = _gathered?.LengthBytes ?? 0;
        WriteHead(output, nowMs, status, _unsentBytes + gatheredBytes + bodyBytes, command);
        if (gatheredBytes > 0)
            PacketQueue.Move(_gathered!, output, (int)gatheredBytes);
        Release();
        SendOrSkip(packets, bodyBytes, output);
        return true;
    }

    /// <summary>Takes the handle; false when the packet is of another job than the one that is waited for.</summary>
    private bool IsMine(ByteQueue packets, ref int bodyBytes)
    {
        Span<byte> handle = stackalloc byte[MaxHandleBytes];
        return PacketQueue.TryTakeArgument(packets, ref bodyBytes, handle, out var length)
            && length > 0
            && handle[..length].SequenceEqual(Handle);
    }

    private void SendOrSkip(ByteQueue packets, int bodyBytes, ByteQueue output)
    {
        if (_isHead)
            packets.Consume(bodyBytes);
        else
            PacketQueue.Move(packets, output, bodyBytes);
    }

    private static void WriteChunk(ByteQueue packets, int bodyBytes, ByteQueue output)
    {
        AnswerHead.AppendNumber(output, bodyBytes, "x");
        output.Append("\r\n"u8);
        PacketQueue.Move(packets, output, bodyBytes);
        output.Append("\r\n"u8);
    }

    private void WriteHead(ByteQueue output, long nowMs, int status, long bodyBytes, ReadOnlySpan<byte> command)
        => new AnswerHead
        {
            Status = status,
            MinorVersion = _minorVersion,
            KeepsAlive = KeepsAlive,
            BodyBytes = bodyBytes,
            ContentType = "application/octet-stream"u8,
            Handle = Handle,
            Command = command,
        }.Write(output, nowMs);

    private bool Fail(ByteQueue output, long nowMs, int status, string why)
    {
        Refuse(output, status, why, _minorVersion, _isHead, nowMs);
        return CutOff($"HTTP {status}: {why}");
    }

    private bool CutOff(string why)
    {
        KeepsAlive = false;
        WhyClosed = why;
        return true;
    }
}
