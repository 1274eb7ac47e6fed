using Flotilla.JobServer.Hosting;

namespace Flotilla.JobServer.Tests.Server;

public sealed class MemoryReturnTests
{
    private const long Megabyte = 1L << 20;

    private int _collections;

    [Fact]
    public void ALargeBacklogThatWasWorkedOffIsCollectedOnce()
    {
        var memory = new MemoryReturn(() => _collections++);
        memory.Observe(200 * Megabyte);
        memory.Observe(26 * Megabyte);
        Assert.Equal(0, _collections);
        memory.Observe(25 * Megabyte);
        Assert.Equal(1, _collections);
        memory.Observe(0);
        Assert.Equal(1, _collections);
        memory.Observe(100 * Megabyte);
        memory.Observe(0);
        Assert.Equal(2, _collections);
    }

    [Fact]
    public void SmallBacklogsAreNotWorthACollection()
    {
        var memory = new MemoryReturn(() => _collections++);
        memory.Observe(63 * Megabyte);
        memory.Observe(0);
        Assert.Equal(0, _collections);
    }
}
