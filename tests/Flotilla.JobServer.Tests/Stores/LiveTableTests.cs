using Flotilla.JobServer.Stores;
using Flotilla.Primitives;

namespace Flotilla.JobServer.Tests.Stores;

/// <summary>The list of live jobs against a sorted dictionary.</summary>
public sealed class LiveTableTests
{
    [Theory]
    [InlineData(1, 1_000)]
    [InlineData(2, 20_000)]
    [InlineData(3, 1_000_000_000)]
    public void ItHoldsWhatASortedDictionaryHolds(ulong seed, int idsMax)
    {
        var random = new SeededRandom(seed);
        var model = new SortedDictionary<ulong, RecordPlace>();
        var table = new LiveTable();
        for (var step = 0; step < 60_000; step++)
        {
            var id = (ulong)random.Next(idsMax) + 1;
            if (model.Count > 0 && random.OneIn(4))
                id = model.First().Key;
            if (random.Next(step < 40_000 ? 3 : 1) > 0)
            {
                var place = new RecordPlace((uint)random.Next(100), (uint)random.Next(100), random.Next(100));
                model[id] = place;
                table.Set(id, place);
            }
            else
            {
                var isThere = model.Remove(id, out var expected);
                Assert.Equal(isThere, table.Remove(id, out var removed));
                Assert.Equal(expected, removed);
            }

            Assert.Equal(model.TryGetValue(id, out var there), table.TryGet(id, out var found));
            Assert.Equal(there, found);
        }

        Assert.Equal(model.Count, table.Count);
        Assert.Equal(model.Select(entry => (entry.Key, entry.Value)), table.InOrder());
    }

    [Fact]
    public void AMillionJobsTakeAboutSixteenBytesEach()
    {
        const int Jobs = 1_000_000;
        var table = new LiveTable();
        table.ForgetOffsets();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var id = 1ul; id <= Jobs; id++)
            table.Set(id * 3, new RecordPlace(1, 2, 3));
        Assert.InRange((GC.GetAllocatedBytesForCurrentThread() - before) / (double)Jobs, 16, 17);
        Assert.Equal(Jobs, table.Count);
    }
}
