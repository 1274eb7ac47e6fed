using Flotilla.Gearman.Client;
using Microsoft.Extensions.Logging.Abstractions;

namespace Flotilla.Gearman.Tests.Units;

public sealed class ServerOrderTests
{
    [Fact]
    public void InOrderKeepsTheList()
        => Assert.Equal([0, 1, 2], First(ServerSelection.InOrder, 3, Request("a")).Select(Number));

    [Fact]
    public void RoundRobinStartsWithTheNextEachTime()
    {
        var order = Order(ServerSelection.RoundRobin, 3);
        Assert.Equal([0, 1, 2, 0], Enumerable.Range(0, 4).Select(_ => Number(order.For(null)[0])));
    }

    [Fact]
    public void HashingSpreadsKeysEvenly()
    {
        var order = Order(ServerSelection.HashByUnique, 4);
        var counts = new int[4];
        for (var i = 0; i < 4000; i++)
            counts[Number(order.For(Request($"key {i}"))[0])]++;
        Assert.All(counts, count => Assert.InRange(count, 850, 1150));
    }

    [Fact]
    public void WhenAServerGoesOnlyItsKeysMove()
    {
        var four = Order(ServerSelection.HashByUnique, 4);
        var three = Order(ServerSelection.HashByUnique, 3);
        for (var i = 0; i < 1000; i++)
        {
            var before = four.For(Request($"key {i}")).ToArray().Select(Number).ToList();
            var after = three.For(Request($"key {i}")).ToArray().Select(Number);
            Assert.Equal(before.Where(number => number < 3), after);
        }
    }

    [Fact]
    public void TheHashIsTheSameInEveryProcessAndVersion()
    {
        // A constant: clients of other versions must choose the same server.
        var order = First(ServerSelection.HashByUnique, 5, Request("flotilla"));
        Assert.Equal([2, 0, 3, 1, 4], order.Select(Number));
    }

    [Fact]
    public void ADashMeansThatThePayloadIsTheKey()
    {
        var order = Order(ServerSelection.HashByUnique, 8);
        var chosen = Enumerable.Range(0, 100).Select(i => Number(order.For(new JobRequest("f", BitConverter.GetBytes(i)) { Unique = "-" })[0]));
        Assert.Equal(8, chosen.Distinct().Count());
    }

    private static JobRequest Request(string unique) => new("f", default) { Unique = unique };

    private static int Number(ClientServer server) => server.Address.Port - 1000;

    private static ClientServer[] First(ServerSelection selection, int servers, JobRequest request) => Order(selection, servers).For(request).ToArray();

    private static ServerOrder Order(ServerSelection selection, int servers)
        => new(
            [.. Enumerable.Range(0, servers).Select(i => new ClientServer(
                GearmanAddress.Tcp("host", 1000 + i), new GearmanClientOptions(), new ServerOptionNames([]), NullLogger.Instance))],
            selection);
}
