using Flotilla.MySql.Protocol;
using Flotilla.MySql.Tests.Golden;
using Flotilla.MySql.Transport;
using Flotilla.TestSupport.Fuzz;

namespace Flotilla.MySql.Tests;

/// <summary>Mutations of recorded packets. Longer runs: FLOTILLA_FUZZ_SECONDS.</summary>
[Trait("tier", "full")]
public sealed class FuzzTests
{
    private static readonly FuzzOptions Short = new() { Budget = TimeSpan.FromSeconds(1.5) };

    public static TheoryData<string> Names => [.. Parsers.All.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void ParsersTakeAnything(string name)
    {
        var seeds = GoldenSession.All.SelectMany(session => session.Read()).SelectMany(chunk => GoldenSession.Packets(chunk.Bytes))
            .Where(packet => packet.Length is > 0 and < 2000 && Accepts(name, packet)).DistinctBy(Convert.ToHexString).Take(20).ToList();
        if (seeds.Count == 0)
            seeds.Add([1, 0, 0, 0, 1, 0, 0, 0]);
        Fuzzer.Run("mysql-" + name, seeds, input => Parsers.Try(name, input, (CapabilityFlags)ulong.MaxValue), Short);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void TheChannelTakesAnything(bool isCompressed)
    {
        var seeds = GoldenSession.All.SelectMany(session => session.Read()).Where(chunk => chunk.IsServer && chunk.Bytes.Length < 4000).Select(chunk => chunk.Bytes).Take(20).ToList();
        if (isCompressed)
            seeds = [.. seeds.Select(Compress)];
        using var watch = new CommandWatch(TimeProvider.System, () => { });
        Fuzzer.Run(isCompressed ? "mysql-compressed" : "mysql-channel", seeds, input => ReadAll(input, isCompressed, watch), Short);
    }

    private static void ReadAll(ReadOnlySpan<byte> input, bool isCompressed, CommandWatch watch)
    {
        IByteTransport transport = new MemoryTransport(input.ToArray());
        if (isCompressed)
            transport = new CompressedTransport(transport);
        var channel = new PacketChannel(transport, 100_000, watch);
        try
        {
            while (true)
                channel.ReadAsync().AsTask().GetAwaiter().GetResult();
        }
        catch (MySqlException e)
        {
            Assert.True(e is MySqlProtocolException or MySqlConnectionLostException, e.ToString());
        }
    }

    private static byte[] Compress(byte[] bytes)
    {
        var target = new MemoryTransport([]);
        new CompressedTransport(target).WriteAsync(bytes).AsTask().GetAwaiter().GetResult();
        return target.Written;
    }

    private static bool Accepts(string name, byte[] packet) => Parsers.Try(name, packet, (CapabilityFlags)ulong.MaxValue);
}
