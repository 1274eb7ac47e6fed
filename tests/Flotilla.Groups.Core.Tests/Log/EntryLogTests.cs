using Flotilla.Groups.Core.Frames;
using Flotilla.Groups.Core.Log;
using Flotilla.Primitives;

namespace Flotilla.Groups.Core.Tests.Log;

public sealed class EntryLogTests
{
    [Fact]
    public void AnyUseKeepsWhatAListWouldKeep()
    {
        for (var seed = 1UL; seed <= 20; seed++)
        {
            var random = new SeededRandom(seed);
            var log = new EntryLog();
            List<byte[]> model = [];
            ulong based = 0;
            for (var step = 0; step < 3000; step++)
            {
                var choice = random.Next(100);
                if (choice < 80)
                {
                    var body = new byte[random.OneIn(50) ? random.Next(400_000) : random.Next(200)];
                    random.Fill(body);
                    log.Append(new EntryHeader(body.Length, 1 + (ulong)(step / 500), log.Head + 1, LogEntryKind.Message, Delivery.Safe, default, 1), body);
                    model.Add(body);
                }
                else if (choice < 95)
                {
                    var count = random.Next(Math.Min(model.Count, 20) + 1);
                    log.PruneTo(based + (ulong)count);
                    model.RemoveRange(0, count);
                    based += (ulong)count;
                }
                else if (choice < 99)
                {
                    var count = random.Next(Math.Min(model.Count, 5) + 1);
                    log.TruncateTo(log.Head - (ulong)count);
                    model.RemoveRange(model.Count - count, count);
                }
                else
                {
                    based = log.Head + 5;
                    log.Reset(based, log.HeadEpoch);
                    model.Clear();
                }

                Assert.Equal(based, log.BaseSequence);
                Assert.Equal(based + (ulong)model.Count, log.Head);
                if (model.Count > 0)
                {
                    var at = random.Next(model.Count);
                    Assert.True(EntryCodec.Body(log.Entry(based + 1 + (ulong)at)).SequenceEqual(model[at]));
                }
            }

            Assert.Equal(model.Sum(body => (long)body.Length + EntryCodec.HeaderSizeBytes), log.Bytes);
            var read = new List<byte[]>();
            for (var from = based + 1; from <= log.Head;)
            {
                var run = log.Run(from, log.Head, 10_000, out var last);
                while (!run.IsEmpty)
                {
                    Assert.True(EntryCodec.TryRead(run, out var header));
                    read.Add(EntryCodec.Body(run)[..header.BodyLength].ToArray());
                    run = run[header.TotalBytes..];
                }

                from = last + 1;
            }

            Assert.Equal(model, read);
        }
    }

    [Fact]
    public void TheLastOfAnEpochIsFoundByHalving()
    {
        var log = new EntryLog();
        log.Reset(10, 1);
        foreach (var epoch in new ulong[] { 1, 1, 3, 3, 6 })
            log.Append(new EntryHeader(0, epoch, log.Head + 1, LogEntryKind.Message, Delivery.Safe, default, 1), []);
        Assert.Equal([10UL, 12, 12, 14, 14, 14, 15, 15], Enumerable.Range(0, 8).Select(epoch => log.LastOfEpoch((ulong)epoch)));
    }
}
