using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Flotilla.Groups.Core;
using Flotilla.Groups.Transport;
using Flotilla.Primitives;
using Flotilla.TestSupport;

namespace Flotilla.Groups.Tests.Transport;

/// <summary>The other end of a connection, byte by byte.</summary>
internal sealed class RawPeer : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };

    public static async Task<RawPeer> ConnectAsync(IPEndPoint remote)
    {
        var peer = new RawPeer();
        await peer._socket.ConnectAsync(remote);
        return peer;
    }

    public string LocalAddress => _socket.LocalEndPoint!.ToString()!;

    public static Hello Hello(ulong node, PeerRole role = PeerRole.Node, string address = "127.0.0.1:1") => new()
    {
        Role = role,
        Id = new MemberId(new NodeId(node), 1),
        Instance = 1,
        Nonce = new byte[Groups.Transport.Hello.NonceBytes],
        Name = "raw",
        Address = address,
    };

    public Task SendAsync(byte[] bytes) => _socket.SendAsync(bytes);

    public Task SendFrameAsync(byte type, byte[] body) => SendAsync(Frame(type, body));

    public static byte[] Frame(byte type, byte[] body)
    {
        var bytes = new byte[5 + body.Length];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, 1 + body.Length);
        bytes[4] = type;
        body.CopyTo(bytes, 5);
        return bytes;
    }

    /// <summary>The next frame, type first; null at the end of the connection.</summary>
    public async Task<byte[]?> ReceiveAsync()
    {
        var length = new byte[4];
        if (!await FillAsync(length))
            return null;
        var frame = new byte[BinaryPrimitives.ReadInt32LittleEndian(length)];
        return await FillAsync(frame) ? frame : null;
    }

    /// <summary>Does the dialler's part of a handshake; returns the last frame it got.</summary>
    public async Task<byte[]?> ShakeAsync(Hello hello, string? secret = null)
    {
        var handshake = new Handshake(isDialler: true, hello with { HasSecret = secret is not null }, secret is null ? null : System.Text.Encoding.UTF8.GetBytes(secret));
        var output = new ByteQueue();
        handshake.Begin(output);
        while (true)
        {
            await SendAsync(output.ToArray());
            output.Clear();
            if (await ReceiveAsync() is not { } frame)
                return null;
            var state = handshake.Receive(frame, output);
            if (state == HandshakeState.PeerKnown)
                handshake.Confirm(output);
            else
                return frame;
        }
    }

    /// <summary>As <see cref="ShakeAsync"/>: the type of the last frame; none at the end of the connection.</summary>
    public async Task<HandshakeFrame> ShakenAsync(Hello hello, string? secret = null)
        => await ShakeAsync(hello, secret) is { } frame ? (HandshakeFrame)frame[0] : default;

    public async Task EndsAsync()
    {
        while (await ReceiveAsync() is not null)
        {
        }
    }

    public void Dispose() => _socket.Dispose();

    private async Task<bool> FillAsync(byte[] target)
    {
        using var patience = new CancellationTokenSource(Deadline.Default);
        try
        {
            for (var at = 0; at < target.Length;)
            {
                var count = await _socket.ReceiveAsync(target.AsMemory(at), patience.Token);
                if (count == 0)
                    return false;
                at += count;
            }

            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
