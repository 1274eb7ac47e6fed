using Flotilla.Gearman.Protocol;
using Flotilla.JobServer.Core;
using Flotilla.JobServer.Sessions;
using Flotilla.Primitives;
using Flotilla.Sockets;

namespace Flotilla.JobServer.Hosting;

/// <summary>A connection with a socket: its session turns bytes into steps of the machine, and back where the dialect is another.</summary>
internal sealed class SocketPeer : ServerConnection, ISessionHost
{
    /// <summary>Kept for a session that takes no input now (an HTTP answer is under way); with more than this nothing more is read.</summary>
    private const int KeptBytesMax = 64 * 1024;

    /// <summary>With more than this on its way, what the machine wrote stays where the machine sees that it waits.</summary>
    private const int UnsentBytesMax = 1024 * 1024;

    private readonly MachineGate _gate;
    private readonly SocketConnection _socket;
    private readonly Session _session;
    private readonly ByteQueue? _packets;
    private bool _isEnding;
    private bool _hasInputEnded;
    private bool _isDropped;

    public SocketPeer(ServerLoop loop, MachineGate gate, SocketConnection socket, Session session, bool hasOwnQueue)
        : base(loop)
    {
        _gate = gate;
        _socket = socket;
        _session = session;
        _packets = hasOwnQueue || session.TranslatesOutput ? new ByteQueue() : null;
        Address = socket.DescribeAddress();
    }

    public string Address { get; }

    public override ByteQueue MachineOutput => _packets ?? _socket.Output;

    /// <summary>Its place in the watch list of its loop; -1 when nothing is expected of it.</summary>
    public int WatchIndex { get; set; } = -1;

    /// <summary>By when the rest of a message, or a sign of life, must come; <see cref="long.MaxValue"/> when nothing must.</summary>
    public long RestDueMs { get; set; } = long.MaxValue;

    /// <summary>What had come when that time was set.</summary>
    public long RestFromBytes { get; set; }

    public long BytesReceived => _socket.BytesReceived;

    /// <summary>The server is why nothing comes.</summary>
    public bool IsNotReadFrom => _socket.IsHeldUp;

    /// <summary>By when it must have given the secret; <see cref="long.MaxValue"/> when it need not.</summary>
    public long SecretDueMs { get; set; } = long.MaxValue;

    public long NowMs { get; private set; }

    public bool IsAuthenticated => SecretDueMs == long.MaxValue || _gate.Machine.IsAuthenticated(Id);

    bool ISessionHost.OwesAnswers => _gate.Machine.OwesAnswers(Id);

    ByteQueue ISessionHost.Output
    {
        get
        {
            Loop.Touch(this);
            return _session.TranslatesOutput ? _socket.Output : MachineOutput;
        }
    }

    void ISessionHost.Packet(PacketMagic magic, PacketType type, ReadOnlySpan<byte> body)
        => _gate.Machine.Step(JobServerInput.Packet(NowMs, Id, magic, type, body), _gate);

    void ISessionHost.Line(ReadOnlySpan<byte> line) => _gate.Machine.Step(JobServerInput.Line(NowMs, Id, line), _gate);

    void ISessionHost.Close(string? why) => End(why, drop: false);

    public override void EndByMachine(CloseReason reason, string? why) => End(why ?? reason.ToString(), reason == CloseReason.SlowReader);

    /// <summary>The socket is gone.</summary>
    public void OnClosed() => _session.OnClosed();

    /// <summary>Bytes came; the session takes what it can.</summary>
    public void OnReceived(long nowMs)
    {
        NowMs = nowMs;
        if (_isEnding)
        {
            _socket.Consume(_socket.Unread.Length);
            return;
        }

        var length = _socket.Unread.Length;
        var used = _session.Receive(_socket.Unread, this);
        _socket.Consume(used, _session.WantedBytes);
        var acceptsInput = _session.AcceptsInput;
        var isMoreExpected = acceptsInput && (used < length || _session.IsInsideMessage) && !_isEnding;
        Loop.Watch.Expect(this, isMoreExpected, isNewMessage: used > 0 && !_session.IsInsideMessage, nowMs);
        if (!acceptsInput)
            _socket.IsReadingPaused = length - used > KeptBytesMax;
    }

    public void OnEndOfInput(long nowMs)
    {
        NowMs = nowMs;
        _hasInputEnded = true;
        if (_isEnding)
            return;
        Loop.Watch.Expect(this, isMoreExpected: false, isNewMessage: false, nowMs);
        _session.OnEndOfInput(this);
    }

    /// <summary>Ends it for a reason of the server's own.</summary>
    public void End(string? why, bool drop)
    {
        if (_isEnding)
            return;
        _isEnding = true;
        _isDropped = drop;
        if (why is not null)
            Log.ConnectionEnded(_gate.Logger, Id.Slot, Address, why);
        Loop.Touch(this);
    }

    public override void Finish(long nowMs)
    {
        NowMs = nowMs;
        if (!_socket.IsOpen)
        {
            _packets?.Clear();
            return;
        }

        if (_hasInputEnded && !_isEnding && !_session.TranslatesOutput)
            _session.OnEndOfInput(this);
        if (_session.TranslatesOutput)
            Translate();
        else if (_packets is { IsEmpty: false })
            PassOn(_packets);
        _socket.Flush();
        if (_isDropped)
            _socket.Abort();
        else if (_isEnding)
            _socket.Close();
    }

    private void Translate()
    {
        var didAccept = _session.AcceptsInput;
        _session.Translate(_packets!, _socket.Output, this);
        if (didAccept || !_session.AcceptsInput)
            return;
        _socket.IsReadingPaused = false;
        _socket.OfferAgain();
    }

    private void PassOn(ByteQueue packets)
    {
        if (_socket.Output.LengthBytes <= UnsentBytesMax || _isEnding)
            packets.MoveTo(_socket.Output);
        else
            Loop.TouchLater(this);
    }
}
