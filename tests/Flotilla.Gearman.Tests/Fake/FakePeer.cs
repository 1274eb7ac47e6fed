using System.Buffers.Binary;
using System.Text;
using Flotilla.TestSupport;

namespace Flotilla.Gearman.Tests.Fake;

/// <summary>The server's side of one connection.</summary>
internal sealed class FakePeer(Stream stream) : IAsyncDisposable
{
    private readonly byte[] _buffer = new byte[64 * 1024];
    private int _have;
    private int _reads;

    public Stream Stream { get; } = stream;

    /// <summary>Receives that brought something since the last question.</summary>
    public int TakeReads() => Interlocked.Exchange(ref _reads, 0);

    /// <summary>Arguments are parted by <c>|</c> in these tests.</summary>
    public static byte[] Packet(uint type, string arguments = "", string magic = "\0RES")
    {
        var body = Encoding.UTF8.GetBytes(arguments.Replace('|', '\0'));
        var packet = new byte[12 + body.Length];
        Encoding.ASCII.GetBytes(magic, packet);
        BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(4), type);
        BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(8), (uint)body.Length);
        body.CopyTo(packet, 12);
        return packet;
    }

    public Task SendAsync(uint type, string arguments = "") => SendRawAsync(Packet(type, arguments));

    public async Task SendRawAsync(ReadOnlyMemory<byte> bytes)
    {
        await Stream.WriteAsync(bytes);
        await Stream.FlushAsync();
    }

    /// <summary>The next packet must be this one; returns its arguments.</summary>
    public async Task<string> ExpectAsync(uint type, string? arguments = null)
    {
        await FillAsync(12);
        var header = _buffer.AsSpan(0, 12);
        Assert.Equal("\0REQ", Encoding.ASCII.GetString(header[..4]));
        var actual = BinaryPrimitives.ReadUInt32BigEndian(header[4..]);
        var length = (int)BinaryPrimitives.ReadUInt32BigEndian(header[8..]);
        await FillAsync(12 + length);
        var body = Encoding.UTF8.GetString(_buffer, 12, length).Replace('\0', '|');
        Assert.True(type == actual, $"packet {type} expected, but {actual} '{body}' came");
        Drop(12 + length);
        if (arguments is not null)
            Assert.Equal(arguments, body);
        return body;
    }

    public async Task<string> ExpectLineAsync()
    {
        while (true)
        {
            var end = Array.IndexOf(_buffer, (byte)'\n', 0, _have);
            if (end >= 0)
            {
                var line = Encoding.UTF8.GetString(_buffer, 0, end + 1);
                Drop(end + 1);
                return line;
            }

            await FillAsync(_have + 1);
        }
    }

    /// <summary>The other side must close.</summary>
    public async Task ExpectEndAsync()
    {
        try
        {
            while (await Stream.ReadAsync(_buffer).AsTask().WaitAsync(Deadline.Default) > 0)
            {
            }
        }
        catch (IOException)
        {
            // A reset is an end too.
        }
    }

    public ValueTask DisposeAsync() => Stream.DisposeAsync();

    private async Task FillAsync(int count)
    {
        while (_have < count)
        {
            var received = await Stream.ReadAsync(_buffer.AsMemory(_have)).AsTask().WaitAsync(Deadline.Default);
            Assert.True(received > 0, "the other side closed the connection");
            _have += received;
            Interlocked.Increment(ref _reads);
        }
    }

    private void Drop(int count)
    {
        _buffer.AsSpan(count, _have - count).CopyTo(_buffer);
        _have -= count;
    }
}
