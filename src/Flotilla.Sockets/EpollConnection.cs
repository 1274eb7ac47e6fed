using System.Net;

namespace Flotilla.Sockets;

/// <summary>A connection that is a descriptor in an <see cref="EpollLoop"/>.</summary>
internal sealed class EpollConnection(EpollLoop loop, int descriptor, EndPoint? remote) : SocketConnection(loop, remote)
{
    /// <summary>One connection must not keep the loop for itself: the rest of a large output goes with the next round.</summary>
    private const int MaxSendsPerRound = 8;

    private int _descriptor = descriptor;

    public override int Descriptor { get; } = descriptor;

    /// <summary>Where the loop finds it when epoll reports it.</summary>
    public ulong Key { get; set; }

    /// <summary>Something may be there to receive: epoll said so, and nothing said the opposite since.</summary>
    public bool IsReadable { get; set; }

    /// <summary>In the loop's list of connections to look at without waiting for epoll.</summary>
    public bool IsInReadyList { get; set; }

    /// <summary>The kernel's buffer is full; epoll will say when it is not.</summary>
    public bool IsWriteBlocked { get; set; }

    /// <summary>The peer ended or broke the connection: the input must be read to its end.</summary>
    public bool IsHungUp { get; set; }

    public bool HasDescriptor => _descriptor >= 0;

    internal override void SendWaiting()
    {
        if (!IsWriteBlocked)
            Send();
        if (Output.IsEmpty && Phase == ConnectionPhase.Closing)
            EndOutput();
    }

    internal override void ResumeReading()
    {
        if (IsReadable)
            loop.AddReady(this);
    }

    internal override void Release()
    {
        if (_descriptor < 0)
            return;
        loop.Forget(this);
        Libc.Close(_descriptor);
        _descriptor = -1;
        loop.Unregister(this);
    }

    private void Send()
    {
        for (var round = 0; !Output.IsEmpty; round++)
        {
            if (round == MaxSendsPerRound)
            {
                loop.Touch(this);
                return;
            }

            var sent = Output.PieceCount == 1 ? Libc.Send(_descriptor, Output.Head) : Libc.SendPieces(_descriptor, Output);
            if (sent >= 0)
            {
                BytesSent += sent;
                loop.CountSent(sent);
                Output.Consume(sent);
                continue;
            }

            switch (Libc.LastError)
            {
                case Libc.EIntr:
                    continue;
                case Libc.EAgain:
                    IsWriteBlocked = true;
                    loop.AskForOutput(this, true);
                    return;
                default:
                    Fail(SocketCloseReason.Broken, Libc.Describe(Libc.LastError));
                    return;
            }
        }
    }

    private void EndOutput()
    {
        Libc.ShutdownSend(_descriptor);
        if (InputEnded)
        {
            Fail(SocketCloseReason.Local, null);
            return;
        }

        Linger();
        IsReadable = true;
        loop.AddReady(this);
    }
}
