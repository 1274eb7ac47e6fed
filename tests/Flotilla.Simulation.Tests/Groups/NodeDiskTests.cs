using Flotilla.Groups.Core;
using Flotilla.Primitives;
using Flotilla.Simulation.Groups;

namespace Flotilla.Simulation.Tests.Groups;

public sealed class NodeDiskTests
{
    [Fact]
    public void TheEndOfAProcessKeepsWhatWasWritten()
    {
        var lengths = new SortedSet<int>();
        for (ulong seed = 1; seed < 60; seed++)
        {
            var disk = Filled(seed, records: 10, written: 6, flushed: 3);
            disk.Kill();
            lengths.Add(disk.Records.Count);
            AssertPrefix(disk);
        }

        Assert.Equal([6, 7, 8, 9, 10], lengths);
    }

    [Fact]
    public void TheEndOfThePowerKeepsWhatWasFlushed()
    {
        var lengths = new SortedSet<int>();
        for (ulong seed = 1; seed < 200; seed++)
        {
            var disk = Filled(seed, records: 10, written: 6, flushed: 3);
            disk.LosePower();
            lengths.Add(disk.Records.Count);
            AssertPrefix(disk);
        }

        Assert.Equal([3, 4, 5, 6, 7, 8, 9, 10], lengths);
    }

    [Fact]
    public void TicketsBeginAnewWithEachProcess()
    {
        var disk = Filled(1, records: 4, written: 4, flushed: 4);
        disk.Kill();
        Assert.Equal(0ul, disk.Tickets);
        Assert.Equal(1ul, disk.Append(new PersistRecord(PersistRecordKind.Entry, 5, [])));
        Assert.Equal(5, disk.Records.Count);
    }

    [Fact]
    public void AWipedDiskHasNothing()
    {
        var disk = Filled(1, records: 4, written: 4, flushed: 4);
        disk.Wipe();
        Assert.Empty(disk.Records);
        Assert.Equal(0, disk.SizeBytes);
    }

    [Fact]
    public void EachFlushedRecordIsHandedOutOnce()
    {
        var disk = Filled(1, records: 5, written: 5, flushed: 0);
        var seen = new List<ulong>();
        disk.Flushed(2, record => seen.Add(record.Sequence));
        disk.Flushed(5, record => seen.Add(record.Sequence));
        disk.Flushed(5, record => seen.Add(record.Sequence));
        Assert.Equal([1, 2, 3, 4, 5], seen);
    }

    [Fact]
    public void APruneThatIsFlushedDropsEntries()
    {
        var disk = Filled(1, records: 5, written: 5, flushed: 5);
        disk.Append(new PersistRecord(PersistRecordKind.Promise, 2, [1]));
        disk.Append(new PersistRecord(PersistRecordKind.Prune, 3, []));
        Assert.Equal(7, disk.Records.Count);
        disk.Flushed(7, _ => { });
        Assert.Equal([4, 5], disk.Records.Where(record => record.Kind == PersistRecordKind.Entry).Select(record => record.Sequence));
        Assert.Contains(disk.Records, record => record.Kind == PersistRecordKind.Promise);
    }

    [Fact]
    public void ItKnowsHowFarTheEntriesReach()
    {
        var disk = Filled(1, records: 5, written: 5, flushed: 5);
        Assert.Equal(5ul, disk.EntriesTo);
        disk.Append(new PersistRecord(PersistRecordKind.Truncate, 2, []));
        Assert.Equal(2ul, disk.EntriesTo);
    }

    private static NodeDisk Filled(ulong seed, int records, ulong written, ulong flushed)
    {
        var disk = new NodeDisk(new SeededRandom(seed * 77));
        for (var i = 1; i <= records; i++)
            disk.Append(new PersistRecord(PersistRecordKind.Entry, (ulong)i, [(byte)i]));
        disk.Written(written);
        disk.Flushed(flushed, _ => { });
        return disk;
    }

    private static void AssertPrefix(NodeDisk disk)
        => Assert.Equal(Enumerable.Range(1, disk.Records.Count).Select(number => (ulong)number), disk.Records.Select(record => record.Sequence));
}
