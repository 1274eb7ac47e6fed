using Flotilla.Primitives;
using Flotilla.Simulation.Groups;

namespace Flotilla.Simulation.Tests.Groups;

public sealed class EventQueueTests
{
    [Fact]
    public void ThingsHappenInTheOrderOfTheirTime()
    {
        var queue = new EventQueue(new SeededRandom(1));
        var random = new SeededRandom(2);
        for (var i = 0; i < 2_000; i++)
            queue.At(random.Next(500), new WorldEvent(WorldEventKind.Tick, i));
        var last = 0L;
        var seen = new HashSet<int>();
        while (queue.Count > 0)
        {
            Assert.True(queue.NextNs >= last);
            last = queue.NextNs;
            Assert.True(seen.Add(queue.Take().Node));
            Assert.Equal(last, queue.NowNs);
        }

        Assert.Equal(2_000, seen.Count);
    }

    [Fact]
    public void ThingsOfOneInstantHappenInAnOrderOfTheSeed()
    {
        Assert.Equal(Order(1), Order(1));
        Assert.NotEqual(Order(1), Order(2));
    }

    [Fact]
    public void NothingHappensInThePast()
    {
        var queue = new EventQueue(new SeededRandom(1));
        queue.At(100, new WorldEvent(WorldEventKind.Tick, 1));
        queue.Take();
        queue.At(50, new WorldEvent(WorldEventKind.Tick, 2));
        Assert.Equal(100, queue.NextNs);
    }

    private static List<int> Order(ulong seed)
    {
        var queue = new EventQueue(new SeededRandom(seed));
        for (var i = 0; i < 20; i++)
            queue.At(5, new WorldEvent(WorldEventKind.Tick, i));
        var order = new List<int>();
        while (queue.Count > 0)
            order.Add(queue.Take().Node);
        return order;
    }
}
