using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Flotilla.Gearman.Protocol;

namespace Flotilla.JobServer.Tests.Server;

/// <summary>A client or worker made of a stream and bytes: it can be as wrong as a test wants it to be.</summary>
internal sealed class RawPeer(Stream stream, Socket? socket = null) : IDisposable
{
    public Stream Stream { get; } = stream;

    public EndPoint LocalEndPoint => socket!.LocalEndPoint!;

    public static RawPeer Connect(EndPoint endPoint)
    {
        var isUnix = endPoint is UnixDomainSocketEndPoint;
        var socket = new Socket(endPoint.AddressFamily, SocketType.Stream, isUnix ? ProtocolType.Unspecified : ProtocolType.Tcp);
        if (!isUnix)
            socket.NoDelay = true;
        socket.Connect(endPoint);
        socket.ReceiveTimeout = 30_000;
        socket.SendTimeout = 30_000;
        return new RawPeer(new NetworkStream(socket, ownsSocket: true), socket);
    }

    public static byte[] Packet(PacketType type, params ReadOnlySpan<string> arguments)
    {
        var body = Encoding.UTF8.GetBytes(string.Join('\0', arguments.ToArray()));
        var packet = new byte[PacketHeader.SizeBytes + body.Length];
        new PacketHeader(PacketMagic.Request, type, (uint)body.Length).Write(packet);
        body.CopyTo(packet, PacketHeader.SizeBytes);
        return packet;
    }

    public static byte[] Header(uint magic, uint type, uint length)
    {
        var header = new byte[PacketHeader.SizeBytes];
        BinaryPrimitives.WriteUInt32BigEndian(header, magic);
        BinaryPrimitives.WriteUInt32BigEndian(header.AsSpan(4), type);
        BinaryPrimitives.WriteUInt32BigEndian(header.AsSpan(8), length);
        return header;
    }

    public RawPeer Send(PacketType type, params ReadOnlySpan<string> arguments) => SendBytes(Packet(type, arguments));

    public RawPeer SendBytes(ReadOnlySpan<byte> bytes)
    {
        Stream.Write(bytes);
        return this;
    }

    public RawPeer Send(string text) => SendBytes(Encoding.UTF8.GetBytes(text));

    public void EndOutput() => socket!.Shutdown(SocketShutdown.Send);

    /// <summary>The next packet, its arguments split at every zero byte.</summary>
    public (PacketType Type, string[] Arguments) Read()
    {
        Span<byte> head = stackalloc byte[PacketHeader.SizeBytes];
        Stream.ReadExactly(head);
        Assert.True(PacketHeader.TryRead(head, out var header));
        Assert.Equal(PacketMagic.Response, header.Magic);
        var body = new byte[header.BodyLengthBytes];
        Stream.ReadExactly(body);
        return (header.Type, Encoding.UTF8.GetString(body).Split('\0'));
    }

    public string[] Read(PacketType expected)
    {
        var (type, arguments) = Read();
        Assert.True(type == expected, $"{type} {string.Join('|', arguments)} instead of {expected}");
        return arguments;
    }

    /// <summary>Answers until a line that is a dot, or one line.</summary>
    public string ReadText(bool isList)
    {
        var text = new StringBuilder();
        while (!(isList ? text.Length >= 2 && text.ToString().EndsWith(".\n", StringComparison.Ordinal) : text.Length > 0 && text[^1] == '\n'))
        {
            var next = Stream.ReadByte();
            if (next < 0)
                throw new EndOfStreamException(text.ToString());
            text.Append((char)next);
        }

        return text.ToString();
    }

    /// <summary>True when the server ends the connection, whatever it says before.</summary>
    public bool IsEnded()
    {
        try
        {
            var buffer = new byte[4096];
            while (Stream.Read(buffer) > 0)
            {
                // Last words.
            }

            return true;
        }
        catch (IOException e) when (e.InnerException is SocketException { SocketErrorCode: SocketError.ConnectionReset })
        {
            return true;
        }
    }

    /// <summary>Registers for a function and waits until the server has done it.</summary>
    public RawPeer CanDo(string function)
    {
        Send(PacketType.CanDo, function).Send(PacketType.EchoReq, "registered");
        Read(PacketType.EchoRes);
        return this;
    }

    /// <summary>Takes a job that must be there.</summary>
    public (string Handle, string Data) Grab()
    {
        var arguments = Send(PacketType.GrabJob).Read(PacketType.JobAssign);
        return (arguments[0], arguments[2]);
    }

    public void Dispose() => Stream.Dispose();
}
