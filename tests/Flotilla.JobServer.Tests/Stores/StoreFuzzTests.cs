using Flotilla.JobServer.Stores;
using Flotilla.Simulation;
using Flotilla.TestSupport.Fuzz;
using Flotilla.Primitives;

namespace Flotilla.JobServer.Tests.Stores;

/// <summary>Whatever lies in a folder: it is opened or refused with a sentence, never anything else.</summary>
public sealed class StoreFuzzTests
{
    [Fact]
    [Trait("tier", "full")]
    public async Task AnyBytesInPlaceOfASegmentAreOpenedOrRefusedWithTheRightChecksumsToo()
        => Fuzzer.Run("store-segment", [await SegmentAsync()], segment =>
        {
            OpenWith(segment.ToArray());
            OpenWith(WithChecksums(segment));
        });

    [Fact]
    [Trait("tier", "full")]
    public void AnyRecordsInAFrameAreOpenedOrRefused()
    {
        var batch = new JobStoreBatch();
        var workload = new StoreWorkload(new(1), dataBytesMax: 20);
        for (var i = 0; i < 5; i++)
        {
            foreach (var record in workload.NextBatch(new StoreModel()))
                record.AddTo(batch);
        }

        Fuzzer.Run("store-records", [batch.Bytes.ToArray()], records =>
        {
            var frame = new FrameBuffer();
            frame.Append(records);
            var head = new byte[SegmentHeader.SizeBytes];
            new SegmentHeader { Version = 1, Segment = 1, Oldest = 1, FirstFrame = 1 }.Write(head);
            OpenWith([.. head, .. frame.Seal(1, 1, 0)]);
        });
    }

    private static void OpenWith(byte[] segment)
    {
        var disk = new SimulatedDisk(new(1));
        disk.Create("0000000001.jobs").Write(0, segment);
        var store = new FileJobStore(new FileJobStoreOptions { Folder = "x", SegmentBytes = 4_096 }, new SimulatedStoreFiles(disk), new(2));
        try
        {
            var opening = store.OpenAsync(new ReplayCollector(), CancellationToken.None);
            Assert.True(opening.IsCompleted);
            opening.GetAwaiter().GetResult();
            Assert.True(store.DisposeAsync().IsCompleted);
        }
        catch (JobStoreException refused)
        {
            Assert.Contains("/simulated/", refused.Message, StringComparison.Ordinal);
        }
    }

    private static byte[] WithChecksums(ReadOnlySpan<byte> segment)
    {
        var bytes = segment.ToArray();
        if (bytes.Length < SegmentHeader.SizeBytes)
            return bytes;
        var salt = BitConverter.ToUInt32(bytes, 16);
        BitConverter.TryWriteBytes(bytes.AsSpan(60), Crc32C.Of(bytes.AsSpan(0, 60), salt));
        for (var at = SegmentHeader.SizeBytes; at + FrameHeader.SizeBytes <= bytes.Length;)
        {
            var length = BitConverter.ToInt32(bytes, at + 4);
            if (length < 0 || length > bytes.Length - at - FrameHeader.SizeBytes)
                break;
            BitConverter.TryWriteBytes(bytes.AsSpan(at + 24), Crc32C.Of(bytes.AsSpan(at + FrameHeader.SizeBytes, length), salt));
            BitConverter.TryWriteBytes(bytes.AsSpan(at + 28), Crc32C.Of(bytes.AsSpan(at, 28), salt));
            at += FrameHeader.SizeBytes + length;
        }

        return bytes;
    }

    private static async Task<byte[]> SegmentAsync()
    {
        var disk = new SimulatedDisk(new(1));
        await using (var store = new FileJobStore(new FileJobStoreOptions { Folder = "x", SegmentBytes = 4_096 }, new SimulatedStoreFiles(disk), new(2)))
        {
            await store.OpenAndReadAsync();
            for (var id = 1ul; id <= 4; id++)
                await store.CommitAsync(ModelRecord.Job(id), ModelRecord.Removed(id - 1));
        }

        var bytes = new byte[1_000];
        return bytes[..disk.Open("0000000001.jobs").Read(0, bytes)];
    }
}
