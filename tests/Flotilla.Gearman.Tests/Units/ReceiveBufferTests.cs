using System.Text;
using Flotilla.Gearman.Connections;
using Flotilla.Gearman.Protocol;
using Flotilla.Gearman.Tests.Fake;

namespace Flotilla.Gearman.Tests.Units;

public sealed class ReceiveBufferTests
{
    private const int MaxPacketBytes = 1_000_000;

    [Fact]
    public void MessagesAreTheSameHoweverTheyAreCut()
    {
        byte[] stream =
        [
            .. FakePeer.Packet(8, "H:x:1"), .. "OK\r\n"u8, .. FakePeer.Packet(10), .. "bare\n\n"u8,
            .. FakePeer.Packet(13, "H:x:1|" + new string('y', 200)), .. "f\t1\t0\t0\n"u8,
        ];
        string[] expected = ["JobCreated H:x:1", "line OK", "NoJob ", "line bare", "line ", "WorkComplete H:x:1|" + new string('y', 200), "line f\t1\t0\t0"];
        for (var cut = 0; cut <= stream.Length; cut++)
            Assert.Equal(expected, Read(stream[..cut], stream[cut..]));
        Assert.Equal(expected, Read([.. stream.Select(value => new[] { value })]));
    }

    [Fact]
    public void LargeBodiesGetTheirOwnArray()
    {
        var large = FakePeer.Packet(13, "H:x:1|" + new string('z', 500_000));
        byte[] stream = [.. FakePeer.Packet(10), .. large, .. FakePeer.Packet(10), .. large, .. large];
        foreach (var size in (int[])[1000, 30_000, 65_536, 400_000, stream.Length])
        {
            var pieces = Enumerable.Range(0, (stream.Length + size - 1) / size).Select(i => stream[(i * size)..Math.Min(stream.Length, (i + 1) * size)]);
            var kinds = Read([.. pieces]).Select(message => message.Split(' ')[0]);
            Assert.Equal(["NoJob", "WorkComplete", "NoJob", "WorkComplete", "WorkComplete"], kinds);
        }
    }

    [Fact]
    public void RandomBytesEndInMessagesOrInOneKindOfException()
    {
        var random = new Random(11);
        var seed = FakePeer.Packet(13, "H:x:1|data").Concat(FakePeer.Packet(20, "H:x:1|1|1|2|3")).Concat("OK\r\n"u8.ToArray()).ToArray();
        for (var i = 0; i < 20_000; i++)
        {
            var bytes = (byte[])seed.Clone();
            for (var changes = random.Next(1, 6); changes > 0; changes--)
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            try
            {
                Read(bytes);
            }
            catch (GearmanProtocolException)
            {
                // The one kind.
            }
        }
    }

    [Fact]
    public void LinesHaveALimit()
        => Assert.Throws<GearmanProtocolException>(() => Read(Encoding.ASCII.GetBytes(new string('a', 5000))));

    private static List<string> Read(params byte[][] pieces)
    {
        using var buffer = new ReceiveBuffer(MaxPacketBytes, maxLineBytes: 4096);
        var messages = new List<string>();
        foreach (var piece in pieces)
        {
            for (var at = 0; at < piece.Length;)
            {
                var room = buffer.Room();
                var taken = Math.Min(room.Length, piece.Length - at);
                piece.AsMemory(at, taken).CopyTo(room);
                buffer.Received(taken);
                at += taken;
                while (buffer.TryTake(out var packet, out var line))
                {
                    messages.Add(packet.Type == PacketType.None
                        ? $"line {Encoding.UTF8.GetString(line)}"
                        : $"{packet.Type} {Encoding.UTF8.GetString(packet.Body).Replace('\0', '|')}");
                }
            }
        }

        return messages;
    }
}
