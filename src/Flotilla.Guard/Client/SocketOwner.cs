using System.Buffers.Binary;
using System.Net.Sockets;

namespace Flotilla.Guard;

/// <summary>The process that listens on a Unix socket, held by a descriptor: whatever its number is given to later, this is the one.</summary>
public sealed class SocketOwner : IDisposable
{
    // SOL_SOCKET and SO_PEERCRED: process, user and group of who listens, four bytes each.
    private const int SocketLevel = 1;
    private const int PeerCredentials = 17;
    private const int CredentialsBytes = 12;
    private const short Readable = 1;

    private readonly int _descriptor;

    private SocketOwner(int process, int descriptor) => (Process, _descriptor) = (process, descriptor);

    public int Process { get; }

    /// <summary>Whether it has not ended. A poll that a signal interrupts does not say so.</summary>
    public bool IsAlive => Libc.Poll([new PollEntry { Descriptor = _descriptor, Events = Readable }], timeoutMs: 0) <= 0;

    /// <summary>Null when nobody listens, or has no room for a connection.</summary>
    public static SocketOwner? Find(string path)
    {
        if (Listener(path) is not { } process || Libc.OpenProcess(process) is not (>= 0 and var descriptor))
            return null;
        var owner = new SocketOwner(process, descriptor);
        // The number still is that of a listener, so it was when the descriptor was opened.
        if (Listener(path) == process && owner.IsAlive)
            return owner;
        owner.Dispose();
        return null;
    }

    /// <summary>SIGKILL.</summary>
    public void Kill() => _ = Libc.SignalProcess(_descriptor, Libc.SigKill);

    public void Dispose() => Libc.Close(_descriptor);

    private static int? Listener(string path)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) { Blocking = false };
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(path));
            Span<byte> credentials = stackalloc byte[CredentialsBytes];
            return socket.GetRawSocketOption(SocketLevel, PeerCredentials, credentials) == CredentialsBytes && BinaryPrimitives.ReadInt32LittleEndian(credentials) is > 0 and var process ? process : null;
        }
        catch (SocketException)
        {
            return null;
        }
    }
}
