using System.Buffers;
using Flotilla.MySql.Protocol;
using Flotilla.MySql.Transport;

namespace Flotilla.MySql.Tests;

public sealed class PacketChannelTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(1000)]
    [InlineData(int.MaxValue)]
    public async Task PacketsComeTogetherFromPiecesOfAnySize(int pieceBytes)
    {
        var packets = Enumerable.Range(0, 300).Select(i => Enumerable.Repeat((byte)i, i * 3).ToArray()).ToList();
        var bytes = packets.SelectMany((packet, i) => (byte[])[(byte)packet.Length, (byte)(packet.Length >> 8), 0, (byte)i, .. packet]).ToArray();
        using var watch = new CommandWatch(TimeProvider.System, () => { });
        var channel = new PacketChannel(new MemoryTransport(bytes, pieceBytes), 100_000, watch);
        foreach (var packet in packets)
        {
            await channel.ReadAsync();
            Assert.Equal(packet, channel.Payload.ToArray());
        }

        var error = await Assert.ThrowsAsync<MySqlConnectionLostException>(async () => await channel.ReadAsync());
        Assert.Contains("closed the connection", error.Message);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0xffffff - 1)]
    [InlineData(0xffffff)]
    [InlineData(0xffffff + 1)]
    [InlineData(2 * 0xffffff)]
    public async Task WhatWasSentIsReadAgain(int length)
    {
        var payload = new byte[length];
        payload.AsSpan().Fill(7);
        foreach (var isCompressed in new[] { false, true })
        {
            using var watch = new CommandWatch(TimeProvider.System, () => { });
            var target = new MemoryTransport([]);
            var sender = new PacketChannel(Wrap(target, isCompressed), int.MaxValue, watch);
            sender.BeginCommand().Write(payload);
            await sender.SendAsync();
            var source = new MemoryTransport(target.Written);
            var receiver = new PacketChannel(Wrap(source, isCompressed), int.MaxValue, watch);
            await receiver.ReadAsync();
            Assert.True(receiver.Payload.SequenceEqual(payload));
            await Assert.ThrowsAsync<MySqlConnectionLostException>(async () => await receiver.ReadAsync());
        }
    }

    [Fact]
    public void NumbersAreWrittenAsTheyAreRead()
    {
        foreach (var value in new ulong[] { 0, 250, 251, 252, 65535, 65536, 0xffffff, 0x1000000, uint.MaxValue, ulong.MaxValue })
        {
            var output = new ArrayBufferWriter<byte>();
            output.WriteLengthEncoded(value);
            var reader = new PacketReader(output.WrittenSpan, "test");
            Assert.Equal(value, reader.ReadLengthEncoded());
            Assert.Equal(0, reader.Remaining);
        }
    }

    private static IByteTransport Wrap(MemoryTransport transport, bool isCompressed) => isCompressed ? new CompressedTransport(transport) : transport;
}
