using System.Net;
using System.Net.Sockets;
using Flotilla.MySql.Protocol;

namespace Flotilla.MySql.Tests.Golden;

/// <summary>Says what a recorded server said, and requires that the client says what it said then.</summary>
internal sealed class ReplayServer : IAsyncDisposable
{
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly Task _running;

    public ReplayServer(IReadOnlyList<(bool IsServer, byte[] Bytes)> chunks)
    {
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen();
        _running = RunAsync(chunks);
    }

    public int Port => ((IPEndPoint)_listener.LocalEndPoint!).Port;

    /// <summary>Throws what the client did otherwise.</summary>
    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        await _running;
    }

    private async Task RunAsync(IReadOnlyList<(bool IsServer, byte[] Bytes)> chunks)
    {
        using var client = await _listener.AcceptAsync();
        await using var stream = new NetworkStream(client);
        for (var i = 0; i < chunks.Count; i++)
        {
            if (chunks[i].IsServer)
            {
                await stream.WriteAsync(chunks[i].Bytes);
                continue;
            }

            if (i == 1)
            {
                await CheckResponseAsync(stream, chunks[i].Bytes);
                continue;
            }

            foreach (var packet in GoldenSession.Packets(chunks[i].Bytes))
                Assert.Equal(Convert.ToHexString(WithoutAttributes(packet)), Convert.ToHexString(WithoutAttributes((await ReadAsync(stream)).Payload)));
        }
    }

    private static async Task<(byte Number, byte[] Payload)> ReadAsync(Stream stream)
    {
        var header = new byte[4];
        await stream.ReadExactlyAsync(header);
        var payload = new byte[header[0] | header[1] << 8 | header[2] << 16];
        await stream.ReadExactlyAsync(payload);
        return (header[3], payload);
    }

    /// <summary>The attributes hold the number of the process, which has no fixed length.</summary>
    private static async Task CheckResponseAsync(Stream stream, byte[] recorded)
    {
        var (number, said) = await ReadAsync(stream);
        var (expected, actual) = (HandshakeResponse.Parse(recorded.AsSpan(4)), HandshakeResponse.Parse(said));
        Assert.Equal(1, number);
        Assert.Equal(expected.Answer, actual.Answer);
        Assert.Equal(
            (expected.Capabilities, expected.User, expected.Database, expected.AuthMethod, expected.Collation),
            (actual.Capabilities, actual.User, actual.Database, actual.AuthMethod, actual.Collation));
        Assert.Equal(expected.Attributes.Where(pair => pair.Key != "_pid"), actual.Attributes.Where(pair => pair.Key != "_pid"));
    }

    /// <summary>A change of user ends with them too; before them stand two lengths.</summary>
    private static byte[] WithoutAttributes(byte[] packet)
        => packet is [(byte)ServerCommand.ChangeUser, ..] && packet.AsSpan().IndexOf("_client_name"u8) is > 0 and var at ? packet[..(at - 2)] : packet;
}
