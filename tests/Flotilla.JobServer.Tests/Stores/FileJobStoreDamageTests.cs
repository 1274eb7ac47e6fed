using Flotilla.JobServer.Stores;
using Flotilla.Simulation;

namespace Flotilla.JobServer.Tests.Stores;

/// <summary>What was durable and can't be read is reported, never skipped in silence.</summary>
public sealed class FileJobStoreDamageTests
{
    private const int FirstFrame = SegmentHeader.SizeBytes;

    private readonly SimulatedDisk _disk = new(new(1));
    private readonly List<string> _warnings = [];

    [Fact]
    public async Task DamageInTheMiddleNamesTheFileAndTheByteAndChangesNothing()
    {
        await FillAsync(jobs: 3);
        _disk.FlipBit("0000000001.jobs", FirstFrame + FrameHeader.SizeBytes + 10, 3);
        await RefusedAsync($"/simulated/0000000001.jobs is damaged at byte {FirstFrame}", "Nothing was changed");
    }

    [Fact]
    public async Task DamageOfAFramesHeaderIsFoundToo()
    {
        await FillAsync(jobs: 3);
        _disk.FlipBit("0000000001.jobs", FirstFrame + 4, 7);
        await RefusedAsync($"is damaged at byte {FirstFrame}");
    }

    [Fact]
    public async Task DamageOfTheLastFrameIsFoundAfterAnOrderlyEnd()
    {
        await FillAsync(jobs: 1);
        _disk.FlipBit("0000000001.jobs", FirstFrame + FrameHeader.SizeBytes + 10, 0);
        await RefusedAsync($"is damaged at byte {FirstFrame}");
    }

    [Fact]
    public async Task DamageOfASegmentsHeaderIsFound()
    {
        await FillAsync(jobs: 1);
        _disk.FlipBit("0000000001.jobs", 20, 0);
        await RefusedAsync("0000000001.jobs is damaged at byte 0");
    }

    [Fact]
    public async Task DamageInAnOlderSegmentIsFound()
    {
        await FillAsync(jobs: 1);
        await FillAsync(jobs: 1, firstId: 2);
        _disk.FlipBit("0000000001.jobs", FirstFrame + FrameHeader.SizeBytes + 10, 0);
        await RefusedAsync($"0000000001.jobs is damaged at byte {FirstFrame}");
    }

    [Fact]
    public async Task AMissingSegmentIsNamed()
    {
        await FillAsync(jobs: 1);
        await FillAsync(jobs: 1, firstId: 2);
        _disk.Delete("0000000001.jobs");
        await RefusedAsync("0000000001.jobs is missing");
    }

    [Fact]
    public async Task ASegmentUnderAnotherNumberIsNamed()
    {
        await FillAsync(jobs: 1);
        _disk.Rename("0000000001.jobs", "0000000007.jobs");
        await RefusedAsync("0000000007.jobs says that it is segment 1");
    }

    [Fact]
    public async Task AShortenedSegmentIsNamed()
    {
        await FillAsync(jobs: 1);
        await FillAsync(jobs: 1, firstId: 2);
        _disk.Open("0000000001.jobs").SetLength(FirstFrame + 20);
        await RefusedAsync($"0000000001.jobs is damaged at byte {FirstFrame + 20}");
    }

    [Fact]
    public async Task AnEmptyFileInPlaceOfASegmentIsNamed()
    {
        await FillAsync(jobs: 1);
        _disk.Create("0000000001.jobs");
        await RefusedAsync("0000000001.jobs is too short");
    }

    [Fact]
    public async Task ASegmentOfANewerVersionIsRefused()
    {
        await FillAsync(jobs: 1);
        var head = new byte[SegmentHeader.SizeBytes];
        (new SegmentHeader { Version = 2, Segment = 1, Oldest = 1, FirstFrame = 1 }).Write(head);
        _disk.Open("0000000001.jobs").Write(0, head);
        await RefusedAsync("was written by a newer version");
    }

    [Fact]
    public async Task ATornTailIsCutOffWithOneWarning()
    {
        await FillAsync(jobs: 3, isClosed: false);
        var file = _disk.Open("0000000001.jobs");
        file.Write(await EndAsync(), [1, 2, 3, 4, 5]);
        await using var store = Make();
        Assert.Equal(3, (await store.OpenAndReadAsync()).Count);
        Assert.Contains("never finished nor acknowledged", Assert.Single(_warnings), StringComparison.Ordinal);
    }

    [Fact]
    public async Task EveryPrefixOfTheNewestSegmentOpensWithTheBatchesThatAreWhole()
    {
        await FillAsync(jobs: 4, isClosed: false);
        var whole = new byte[_disk.Open("0000000001.jobs").LengthBytes];
        _disk.Open("0000000001.jobs").Read(0, whole);
        var frame = FrameHeader.SizeBytes + sizeof(int) + RecordCodec.HeadSizeBytes + "reverse".Length + "work".Length;
        for (var length = FirstFrame; length <= FirstFrame + 4 * frame; length++)
        {
            var disk = new SimulatedDisk(new(1));
            disk.Create("0000000001.jobs").Write(0, whole.AsSpan(0, length));
            await using var store = new FileJobStore(
                new FileJobStoreOptions { Folder = "x", SegmentBytes = 4_096 }, new SimulatedStoreFiles(disk), new(99));
            Assert.Equal((length - FirstFrame) / frame, (await store.OpenAndReadAsync()).Count);
        }
    }

    [Fact]
    public async Task DamageFoundByCleaningStopsCleaningAndNothingElse()
    {
        await using (var store = Make())
        {
            await store.OpenAndReadAsync();
            for (var id = 1ul; id <= 300; id++)
                await store.CommitAsync(ModelRecord.Job(id));
            _disk.FlipBit("0000000001.jobs", FirstFrame + FrameHeader.SizeBytes + 10, 0);
            for (var id = 2ul; id <= 300; id++)
                await store.CommitAsync(ModelRecord.Removed(id));
            Assert.Equal(1, store.Status.Jobs);
        }

        Assert.Contains("0000000001.jobs is damaged", Assert.Single(_warnings), StringComparison.Ordinal);
        Assert.Contains("0000000001.jobs", _disk.Names);
    }

    private FileJobStore Make() => new(
        new FileJobStoreOptions { Folder = "x", SegmentBytes = 4_096, Warn = _warnings.Add },
        new SimulatedStoreFiles(_disk),
        new((ulong)_disk.Operations + 1));

    private async Task FillAsync(int jobs, ulong firstId = 1, bool isClosed = true)
    {
        var store = Make();
        await store.OpenAndReadAsync();
        for (var id = firstId; id < firstId + (ulong)jobs; id++)
            await store.CommitAsync(ModelRecord.Job(id));
        if (isClosed)
            await store.DisposeAsync();
        else
            _disk.KillProcess();
    }

    private async Task<long> EndAsync()
    {
        using var file = new SimulatedStoreFiles(_disk).Open("0000000001.jobs");
        var head = new byte[SegmentHeader.SizeBytes];
        file.Read(0, head);
        Assert.Null(SegmentHeader.TryRead(head, 1, out var header));
        var reader = new SegmentReader(file, header.Salt, SegmentHeader.SizeBytes, file.LengthBytes, header.FirstFrame);
        while (reader.TryNext())
            await Task.CompletedTask;
        return reader.Offset;
    }

    private async Task RefusedAsync(params string[] parts)
    {
        var before = Contents();
        await using var store = Make();
        var refused = await Assert.ThrowsAsync<JobStoreException>(async () => await store.OpenAndReadAsync());
        Assert.All(parts, part => Assert.Contains(part, refused.Message, StringComparison.Ordinal));
        Assert.Equal(before, Contents());
    }

    private Dictionary<string, string> Contents()
        => _disk.Names.ToDictionary(
            name => name,
            name =>
            {
                var file = _disk.Open(name);
                var bytes = new byte[file.LengthBytes];
                file.Read(0, bytes);
                return Convert.ToHexString(bytes);
            },
            StringComparer.Ordinal);
}
