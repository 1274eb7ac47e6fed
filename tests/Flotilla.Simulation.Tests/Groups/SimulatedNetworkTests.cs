using System.Buffers.Binary;
using Flotilla.Primitives;
using Flotilla.Simulation.Groups;

namespace Flotilla.Simulation.Tests.Groups;

public sealed class SimulatedNetworkTests
{
    private readonly EventQueue _queue = new(new SeededRandom(7));

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void WithoutFaultsEverythingArrivesOnce(bool isStream)
    {
        var network = Network(isStream);
        for (var i = 0; i < 100; i++)
            network.Send(0, 1, 1, Frame(i));
        Assert.Equal(Enumerable.Range(0, 100), Arrivals().Order());
    }

    [Fact]
    public void AStreamKeepsItsOrderWhateverTheLinkDoes()
    {
        var network = Network(isStream: true);
        (network.Link(0, 1).LossPpm, network.Link(0, 1).ReorderPpm, network.Link(0, 1).DuplicatePpm) = (300_000, 300_000, 300_000);
        for (var i = 0; i < 300; i++)
            network.Send(0, 1, 1, Frame(i));
        Assert.Equal(Enumerable.Range(0, 300), Arrivals());
    }

    [Fact]
    public void DatagramsAreLostDoubledAndOvertaken()
    {
        var network = Network(isStream: false);
        (network.Link(0, 1).LossPpm, network.Link(0, 1).ReorderPpm, network.Link(0, 1).DuplicatePpm) = (300_000, 300_000, 300_000);
        for (var i = 0; i < 300; i++)
            network.Send(0, 1, 1, Frame(i));
        var arrived = Arrivals();
        Assert.True(network.Lost > 0 && network.Doubled > 0 && network.Overtaken > 0);
        Assert.True(arrived.Distinct().Count() < 300);
        Assert.True(arrived.Distinct().Count() < arrived.Count);
        Assert.NotEqual(arrived.Order(), arrived);
    }

    [Fact]
    public void FramesOfOneBatchTravelOnTheirOwnAsDatagrams()
    {
        var network = Network(isStream: false);
        network.Send(0, 1, 1, [.. Frame(1), .. Frame(2), .. Frame(3)]);
        Assert.Equal(3, _queue.Count);
    }

    [Fact]
    public void ACutLosesDatagramsAndHoldsAStream()
    {
        var datagrams = Network(isStream: false);
        datagrams.Cut(0, 1);
        datagrams.Send(0, 1, 1, Frame(1));
        datagrams.Mend(0, 1);
        Assert.Empty(Arrivals());

        var stream = Network(isStream: true);
        stream.Cut(0, 1);
        stream.Send(0, 1, 1, Frame(1));
        Assert.Empty(Arrivals());
        stream.Mend(0, 1);
        Assert.Equal([1], Arrivals());
        stream.Cut(0, 1);
        stream.Send(0, 1, 1, Frame(2));
        stream.Forget(0, 1);
        stream.Mend(0, 1);
        Assert.Empty(Arrivals());
    }

    [Fact]
    public void ACutIsOfOneDirectionAndCutsAddUp()
    {
        var network = Network(isStream: false);
        network.Cut(0, 1);
        network.Cut(0, 1);
        network.Mend(0, 1);
        Assert.True(network.Link(0, 1).IsCut);
        Assert.False(network.Link(1, 0).IsCut);
        Assert.False(network.IsOpen(0, 1));
        network.Send(1, 0, 1, Frame(5));
        Assert.Equal([5], Arrivals());
        network.Mend(0, 1);
        Assert.True(network.IsOpen(1, 0));
    }

    [Fact]
    public void AClogDelaysAndAThinLinkTakesItsTime()
    {
        var network = Network(isStream: true);
        network.Link(0, 1).ClogUntilNs = 1_000_000_000;
        network.Send(0, 1, 1, Frame(1));
        Assert.True(_queue.NextNs >= 1_000_000_000);
        Arrivals();
        network.Link(1, 0).BytesPerSecond = 10;
        network.Send(1, 0, 1, Frame(2));
        Assert.True(_queue.NextNs >= 2_000_000_000, $"12 bytes at 10 per second arrive at {_queue.NextNs} ns");
    }

    private static byte[] Frame(int number)
    {
        var frame = new byte[12];
        BinaryPrimitives.WriteInt32LittleEndian(frame, 8);
        BinaryPrimitives.WriteInt32LittleEndian(frame.AsSpan(4), number);
        return frame;
    }

    private List<int> Arrivals()
    {
        var arrived = new List<int>();
        while (_queue.Count > 0)
        {
            var due = _queue.Take();
            Assert.Equal(WorldEventKind.Arrive, due.Kind);
            arrived.Add(BinaryPrimitives.ReadInt32LittleEndian(((byte[])due.Payload!).AsSpan(4)));
        }

        return arrived;
    }

    private SimulatedNetwork Network(bool isStream) => new(2, _queue, new SeededRandom(9), isStream);
}
