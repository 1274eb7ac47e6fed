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

            var said = new byte[chunks[i].Bytes.Length];
            await stream.ReadExactlyAsync(said);
            if (!IsChangeUser(said))
                Assert.Equal(Convert.ToHexString(chunks[i].Bytes), Convert.ToHexString(said));
        }
    }

    /// <summary>The attributes hold the number of the process, which has no fixed length.</summary>
    private static async Task CheckResponseAsync(Stream stream, byte[] recorded)
    {
        var header = new byte[4];
        await stream.ReadExactlyAsync(header);
        var said = new byte[header[0] | header[1] << 8];
        await stream.ReadExactlyAsync(said);
        var (expected, actual) = (HandshakeResponse.Parse(recorded.AsSpan(4)), HandshakeResponse.Parse(said));
        Assert.Equal(1, header[3]);
        Assert.Equal(expected.Answer, actual.Answer);
        Assert.Equal(
            (expected.Capabilities, expected.User, expected.Database, expected.AuthMethod, expected.Collation),
            (actual.Capabilities, actual.User, actual.Database, actual.AuthMethod, actual.Collation));
        Assert.Equal(expected.Attributes.Where(pair => pair.Key != "_pid"), actual.Attributes.Where(pair => pair.Key != "_pid"));
    }

    private static bool IsChangeUser(byte[] packet) => packet[4] == (byte)ServerCommand.ChangeUser;
}
