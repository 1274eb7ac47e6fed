using System.Net;
using System.Security.Cryptography.X509Certificates;
using Flotilla.Primitives;

namespace Flotilla.Sockets;

/// <summary>
/// One stream connection of a <see cref="SocketLoop"/>. Everything but <see cref="Loop"/> and the addresses is for the loop's thread only.
/// </summary>
public abstract class SocketConnection
{
    private ReceiveBuffer _input;

    private protected SocketConnection(SocketLoop loop, EndPoint? remote)
    {
        Loop = loop;
        RemoteEndPoint = remote;
    }

    public SocketLoop Loop { get; }

    /// <summary>The peer; null on a Unix socket.</summary>
    public EndPoint? RemoteEndPoint { get; }

    /// <summary>The file descriptor, for people; -1 where there is none.</summary>
    public abstract int Descriptor { get; }

    /// <summary>The certificate that the peer proved to own during the TLS handshake; null when it showed none.</summary>
    public X509Certificate2? PeerCertificate { get; internal init; }

    /// <summary>Whatever the handler wants to find again.</summary>
    public object? State { get; set; }

    /// <summary>Bytes for the peer; they leave after <see cref="Flush"/>.</summary>
    public ByteQueue Output { get; } = new();

    /// <summary>False once it was closed or broke; what is written then goes nowhere.</summary>
    public bool IsOpen => Phase == ConnectionPhase.Open;

    /// <summary>Received and not consumed yet; valid until the batch is over.</summary>
    public ReadOnlySpan<byte> Unread => _input.Unread;

    public long BytesReceived { get; private set; }

    public long BytesSent { get; private protected set; }

    /// <summary>True while the handler does not want to be given more bytes; output still flows.</summary>
    public bool IsReadingPaused
    {
        get;
        set
        {
            field = value;
            if (!value)
                Loop.Touch(this);
        }
    }

    /// <summary>True while this side leaves unread what the peer may have sent: reading is paused, output waits, or memory does.</summary>
    public bool IsHeldUp => IsReadingPaused || IsWaitingForMemory || WaitingBytes > Loop.Options.OutputPauseBytes;

    internal ConnectionPhase Phase { get; set; } = ConnectionPhase.Open;

    internal bool IsTouched { get; set; }

    /// <summary>In the loop's queue of connections whose buffers must not grow yet.</summary>
    internal bool IsWaitingForMemory { get; set; }

    /// <summary>The peer will send no more.</summary>
    internal bool InputEnded { get; set; }

    /// <summary>In the batch that is being gathered or handled.</summary>
    internal bool IsInBatch { get; set; }

    /// <summary>Its place in the loop's list of all connections.</summary>
    internal int Index { get; set; }

    /// <summary>When a connect or a close must be over, on the loop's clock; 0 for never.</summary>
    internal long DeadlineMs { get; set; }

    internal bool OwnsInput => _input.OwnedBytes > 0;

    /// <summary>Output that waits, wherever it waits.</summary>
    public virtual long WaitingBytes => Output.LengthBytes;

    /// <summary>What was still waiting after the last attempt to send: more output on top of too much means that the peer does not read.</summary>
    internal long LeftBytes { get; private set; }

    /// <summary>Length of the incomplete message at the head, if the handler knows it.</summary>
    private int WantedBytes { get; set; }

    /// <summary>Marks the first <paramref name="count"/> unread bytes as used; the rest comes again with more behind it.</summary>
    /// <param name="count">How many bytes were used.</param>
    /// <param name="wantedBytes">How long the incomplete message at the head will be, where known: sizes the buffer; else 0.</param>
    public void Consume(int count, int wantedBytes = 0)
    {
        _input.Consume(count);
        WantedBytes = wantedBytes;
    }

    /// <summary>Asks for one more <see cref="SocketEventKind.Received"/> with what is unread, as if something had come.</summary>
    public void OfferAgain()
    {
        if (IsOpen && !_input.IsEmpty)
            Loop.AddReceived(this);
    }

    /// <summary>Sends <see cref="Output"/> when the batch is over; any number of calls is one send.</summary>
    public void Flush() => Loop.Touch(this);

    /// <summary>Ends the connection in good order: nothing more is received, the output is sent, then the peer is told.</summary>
    public void Close()
    {
        if (Phase != ConnectionPhase.Open)
            return;
        Phase = ConnectionPhase.Closing;
        Loop.SetDeadline(this, Loop.Options.CloseTimeout);
        Loop.Touch(this);
    }

    /// <summary>Ends the connection at once; what waits is dropped.</summary>
    public void Abort() => Fail(SocketCloseReason.Local, null);

    /// <summary>The peer's IP address as text, or <c>unix</c>.</summary>
    public string DescribeAddress() => RemoteEndPoint is IPEndPoint ip ? ip.Address.ToString() : "unix";

    internal abstract void SendWaiting();

    /// <summary>After an attempt to send: remembers what is left, here and in the loop's sum.</summary>
    internal void NoteLeft() => SetLeft(Phase is ConnectionPhase.Open or ConnectionPhase.Closing ? WaitingBytes : 0);

    /// <summary>Reading may go on: see whether something is there.</summary>
    internal abstract void ResumeReading();

    internal abstract void Release();

    internal bool MayRead()
        => Phase == ConnectionPhase.Open && !InputEnded && !IsReadingPaused && WaitingBytes <= Loop.Options.OutputPauseBytes;

    internal void Receive(byte[] arena, int start, int length)
    {
        _input.Lend(arena, start, length);
        BytesReceived += length;
        Loop.BytesReceived += length;
        Loop.AddReceived(this);
    }

    internal void ReceiveOwn(int length)
    {
        _input.Extend(length);
        BytesReceived += length;
        Loop.BytesReceived += length;
        Loop.AddReceived(this);
    }

    /// <summary>Space in the connection's own buffer; empty when the loop's memory for that is used up.</summary>
    internal Memory<byte> OwnSpace()
    {
        var had = _input.OwnedBytes;
        var size = _input.SizeForMore(WantedBytes);
        if (size > had && !Loop.MayGrow(this, size - had))
            return default;
        var space = _input.SpaceForMore(size);
        Loop.CountReceiveMemory(_input.OwnedBytes - had);
        return space;
    }

    internal virtual void SettleInput()
    {
        var had = _input.OwnedBytes;
        _input.Settle();
        Loop.CountReceiveMemory(_input.OwnedBytes - had);
        if (_input.OwnedBytes <= ReceiveBuffer.SmallBytes)
            Loop.EndGrowth(this);
    }

    /// <summary>The end of the connection as the handler sees it; the descriptor may live on a little to let the peer read the rest.</summary>
    internal void Fail(SocketCloseReason reason, string? detail)
    {
        if (Phase is ConnectionPhase.Closed or ConnectionPhase.Lingering)
            return;
        if (Phase == ConnectionPhase.Connecting)
        {
            Loop.FailConnect(this, detail ?? "stopped");
            return;
        }

        Phase = ConnectionPhase.Closed;
        Forget();
        Loop.AddClosed(this, reason, detail);
        Release();
    }

    /// <summary>Everything was sent: the handler is told, the descriptor lingers until the peer says goodbye or time is up.</summary>
    private protected void Linger()
    {
        Phase = ConnectionPhase.Lingering;
        Forget();
        Loop.AddClosed(this, SocketCloseReason.Local, null);
        Loop.SetDeadline(this, SocketLoop.LingerTimeout);
    }

    private void Forget()
    {
        var had = _input.OwnedBytes;
        if (IsInBatch)
            _input.Consume(_input.Unread.Length);
        else
            _input.Release();
        Loop.CountReceiveMemory(_input.OwnedBytes - had);
        Loop.EndGrowth(this);
        Output.Clear();
        SetLeft(0);
    }

    private void SetLeft(long bytes)
    {
        Loop.Outputs.Change(bytes - LeftBytes);
        LeftBytes = bytes;
    }
}
