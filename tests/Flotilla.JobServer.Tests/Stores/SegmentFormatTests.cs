using Flotilla.JobServer.Stores;
using Flotilla.Simulation;
using Flotilla.Primitives;

namespace Flotilla.JobServer.Tests.Stores;

/// <summary>The bytes on disk, as docs/design/job-stores.md lays them out: changing one is a new format version.</summary>
public sealed class SegmentFormatTests
{
    [Fact]
    public void TheChecksumIsCrc32C()
    {
        Assert.Equal(0xE3069283, Crc32C.Of("123456789"u8, 0));
        Assert.Equal(0x8A9136AAu, Crc32C.Of(new byte[32], 0));
        Assert.Equal(0u, Crc32C.Of([], 0));
        Assert.NotEqual(Crc32C.Of("123456789"u8, 1), Crc32C.Of("123456789"u8, 2));
    }

    [Fact]
    public async Task ASegmentWithOneJobIsTheseBytes()
    {
        var disk = new SimulatedDisk(new(1));
        await using (var store = new FileJobStore(new FileJobStoreOptions { Folder = "x", SegmentBytes = 4_096 }, new SimulatedStoreFiles(disk), new(1)))
        {
            await store.OpenAndReadAsync();
            await store.CommitAsync(ModelRecord.Job(0x1122) with { Unique = "key", Attempts = 2, DueMs = 7 });
        }

        var bytes = new byte[SegmentHeader.SizeBytes + 2 * FrameHeader.SizeBytes + 48];
        Assert.Equal(bytes.Length, disk.Open("0000000001.jobs").Read(0, bytes));
        Assert.Equal(
            "466C6F744A6F62730100000001000000 1DDD6C8901000000 0100000000000000 0000000000000000 0000000000000000 000000000000000000000000",
            Hex(bytes, 0, 16, 8, 8, 8, 8, 12));
        Assert.Equal("46524D31 30000000 0100000000000000 01000000 00000000", Hex(bytes, 64, 4, 4, 8, 4, 4));
        Assert.Equal(
            "2C000000 01 01 0700 0300 0000 0000 02000000 2211000000000000 0700000000000000 72657665727365 6B6579 776F726B",
            Hex(bytes, 96, 4, 1, 1, 2, 2, 2, 2, 4, 8, 8, 7, 3, 4));
        Assert.Equal("46524D31 00000000 0200000000000000 01000000 01000000", Hex(bytes, 144, 4, 4, 8, 4, 4));
    }

    private static string Hex(byte[] bytes, int at, params int[] fields)
        => string.Join(' ', fields.Select(size => Convert.ToHexString(bytes.AsSpan((at += size) - size, size))));

    [Fact]
    public void HeadersAreReadBackAsTheyWereWritten()
    {
        var bytes = new byte[SegmentHeader.SizeBytes];
        var segment = new SegmentHeader { Version = 1, Segment = 9, Salt = 5, Oldest = 3, FirstFrame = 77, PreviousEnd = 1L << 40, HighestId = ulong.MaxValue };
        segment.Write(bytes);
        Assert.Null(SegmentHeader.TryRead(bytes, 9, out var readSegment));
        Assert.Equal(segment, readSegment);

        var frame = new FrameHeader { PayloadBytes = 100, Number = 1ul << 60, Oldest = 8, IsClosing = true, PayloadChecksum = 0xDEADBEEF };
        frame.Write(bytes, salt: 4);
        Assert.True(FrameHeader.TryRead(bytes, 4, out var readFrame));
        Assert.Equal(frame, readFrame);
        Assert.False(FrameHeader.TryRead(bytes, 5, out _));
    }

    [Fact]
    public void NoPrefixAndNoFlippedBitOfAHeaderIsTakenForOne()
    {
        var bytes = new byte[SegmentHeader.SizeBytes];
        new SegmentHeader { Version = 1, Segment = 9, Salt = 5, Oldest = 3, FirstFrame = 77 }.Write(bytes);
        for (var length = 0; length < bytes.Length; length++)
            Assert.NotNull(SegmentHeader.TryRead(bytes.AsSpan(0, length), 9, out _));
        for (var bit = 0; bit < bytes.Length * 8; bit++)
        {
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.NotNull(SegmentHeader.TryRead(bytes, 9, out _));
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
        }

        new FrameHeader { PayloadBytes = 100, Number = 3, Oldest = 1 }.Write(bytes, salt: 4);
        for (var bit = 0; bit < FrameHeader.SizeBytes * 8; bit++)
        {
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.False(FrameHeader.TryRead(bytes, 4, out _));
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
        }
    }

    [Fact]
    public void SegmentsAreNamedSoThatTheySortByNumber()
    {
        Assert.Equal("0000000012.jobs", SegmentNames.Of(12));
        Assert.True(SegmentNames.TryParse("4294967295.jobs", out var last));
        Assert.Equal(uint.MaxValue, last);
        foreach (var other in (string[])["spare", "0000000000.jobs", "12.jobs", "00000000012.jobs", "4294967296.jobs", "0000000012.job", "-000000012.jobs"])
            Assert.False(SegmentNames.TryParse(other, out _));
    }

    [Fact]
    public void ARowOfRecordsIsWholeOnlyAsAWhole()
    {
        var batch = new JobStoreBatch();
        ModelRecord.Job(1).AddTo(batch);
        ModelRecord.Removed(2).AddTo(batch);
        var bytes = batch.Bytes.Span;
        Assert.True(RecordRow.IsWhole(bytes));
        var first = 4 + RecordCodec.HeadSizeBytes + "reversework".Length;
        for (var length = 0; length < bytes.Length; length++)
            Assert.Equal(length == 0 || length == first, RecordRow.IsWhole(bytes[..length]));
    }

    [Fact]
    public void OptionsSayAllThatIsWrongAtOnce()
    {
        Assert.Empty(new FileJobStoreOptions { Folder = "x" }.Validate());
        Assert.Equal(2, new FileJobStoreOptions { Folder = " ", SegmentBytes = 1 }.Validate().Count);
        Assert.Throws<ArgumentException>(() => new FileJobStore(new FileJobStoreOptions { Folder = "x", SegmentBytes = 1 }, new SimulatedStoreFiles(new(new(1))), new(1)));
    }
}
