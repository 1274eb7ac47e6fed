using Flotilla.Gearman.Protocol;
using Flotilla.Primitives;
using Flotilla.TestSupport;

namespace Flotilla.JobServer.Core.Tests;

/// <summary>The tables under the machine, each against something simple.</summary>
public sealed class MemoryTests
{
    [Fact]
    public void BugB12AnIndexOfManyEntriesFindsEachAndMovesOnlyASmallPartAtATime()
    {
        var index = new HashIndex(shardBits: 6);
        var hash = new KeyedHash(3);
        const int Count = 100_000;
        long before = 0, largest = 0;
        for (var i = 0; i < Count; i++)
        {
            index.Add(HashOf(hash, i), i);
            largest = Math.Max(largest, index.HeldBytes - before);
            before = index.HeldBytes;
        }

        Assert.InRange(largest, 1, 64 * 1024);
        Assert.InRange(index.HeldBytes / Count, 8, 24);
        for (var i = 0; i < Count; i++)
            Assert.True(Has(index, HashOf(hash, i), i));
        for (var i = 0; i < Count; i++)
            index.Remove(HashOf(hash, i), i);
        Assert.Equal(0, index.Count);
        Assert.InRange(index.HeldBytes, 0, 64 * 64);
    }

    [Fact]
    public void TheIndexAgreesWithASetWhateverCollides()
    {
        var random = new SeededRandom(11);
        var index = new HashIndex(shardBits: 1);
        var expected = new HashSet<(uint Hash, int Slot)>();
        for (var step = 0; step < 50_000; step++)
        {
            var entry = ((uint)random.Next(40) * 0x1000_0001u, random.Next(200));
            if (expected.Remove(entry))
                index.Remove(entry.Item1, entry.Item2);
            else if (expected.Add(entry))
                index.Add(entry.Item1, entry.Item2);
            if (step % 100 == 0)
                Assert.All(Enumerable.Range(0, 200), slot => Assert.Equal(expected.Contains((entry.Item1, slot)), Has(index, entry.Item1, slot)));
        }

        Assert.Equal(expected.Count, index.Count);
    }

    [Fact]
    public void BlocksKeepTheirBytesAndEmptySlabsAreUsedAgain()
    {
        var random = new SeededRandom(5);
        var arena = new PayloadArena();
        var blocks = new List<(int Block, byte[] Bytes)>();
        for (var step = 0; step < 30_000; step++)
        {
            if (blocks.Count > 0 && (random.OneIn(2) || blocks.Count > 3000))
            {
                var at = random.Next(blocks.Count);
                Assert.True(arena.Block(blocks[at].Block, 0, blocks[at].Bytes.Length).SequenceEqual(blocks[at].Bytes));
                arena.Free(blocks[at].Block);
                blocks[at] = blocks[^1];
                blocks.RemoveAt(blocks.Count - 1);
                continue;
            }

            var bytes = new byte[random.OneIn(10) ? random.Next(1, PayloadArena.BlockSizeBytesMax + 1) : random.Next(1, 200)];
            random.Fill(bytes);
            var block = arena.Allocate(bytes.Length);
            bytes.CopyTo(arena.Block(block, 0, bytes.Length));
            blocks.Add((block, bytes));
        }

        Assert.Equal(blocks.Sum(block => (long)PayloadArena.RoundedSize(block.Bytes.Length)), arena.UsedBytes);
        blocks.ForEach(block => arena.Free(block.Block));
        Assert.Equal(0, arena.UsedBytes);
    }

    [Fact]
    public void APoolGivesEmptyChunksBack()
    {
        var pool = new SlotPool<JobRecord>(4);
        var slots = Enumerable.Range(0, 1000).Select(_ => pool.Allocate()).ToList();
        Assert.Equal(1000, slots.Distinct().Count());
        var held = pool.HeldBytes;
        slots.ForEach(pool.Free);
        Assert.Equal(0, pool.Count);
        Assert.InRange(pool.HeldBytes, 1, held / 60);
        Assert.Equal(1000, Enumerable.Range(0, 1000).Select(_ => pool.Allocate()).Distinct().Count());
        Assert.Equal(held, pool.HeldBytes);
    }

    [Fact]
    public void TimersComeInTheOrderOfTimeAndThenOfSubmission()
    {
        var random = new SeededRandom(9);
        var jobs = new JobTable(1);
        var timers = new JobTimers(jobs);
        var expected = new SortedSet<(long DueMs, ulong Id, int Job)>();
        for (var step = 1; step <= 20_000; step++)
        {
            if (expected.Count > 0 && random.OneIn(3))
            {
                var any = expected.ElementAt(random.Next(Math.Min(expected.Count, 5)));
                timers.Remove(any.Job);
                jobs.Remove(any.Job);
                expected.Remove(any);
            }
            else
            {
                var job = jobs.Add(new JobId((ulong)step), 0, default, default, default);
                var due = random.Next(1000);
                timers.Add(job, due);
                expected.Add((due, (ulong)step, job));
            }

            Assert.Equal(expected.Count, timers.Count);
            Assert.Equal(expected.Count == 0 ? JobTable.None : expected.Min.Job, expected.Count == 0 ? JobTable.None : timers.NextJob);
        }
    }

    [Fact]
    public void TheSameKeyUnderAnotherSeedHashesElsewhere()
    {
        var same = Enumerable.Range(0, 1000).Count(i => HashOf(new KeyedHash(1), i) == HashOf(new KeyedHash(2), i));
        Assert.InRange(same, 0, 2);
        Assert.Equal(HashOf(new KeyedHash(1), 7), HashOf(new KeyedHash(1), 7));
    }

    [Fact]
    public void TheSteadyStateAllocatesNothing()
    {
        var machine = new JobMachine(new JobMachineOptions());
        var effects = new SilentEffects();
        var (client, worker) = (new ConnectionId(0), new ConnectionId(1));
        machine.Step(JobServerInput.Connected(0, client, new ConnectionInfo("a", 1)), effects);
        machine.Step(JobServerInput.Connected(0, worker, new ConnectionInfo("b", 2)), effects);
        machine.Step(JobServerInput.Packet(0, worker, PacketMagic.Request, PacketType.CanDoTimeout, "f\09999"u8), effects);
        const int Jobs = 10_000;
        var complete = new byte[100];
        var round = 0;
        RunJobs();

        // One object for each job would be 240,000 bytes.
        Assert.InRange(Allocations.Smallest(RunJobs), 0, 4096);
        Assert.Equal((1 + Allocations.Rounds) * Jobs, machine.Snapshot().Counters.Completed);

        void RunJobs()
        {
            for (var end = round + Jobs; round < end; round++)
                RunJob();
        }

        void RunJob()
        {
            machine.Step(JobServerInput.Packet(round, worker, PacketMagic.Request, PacketType.PreSleep, default), effects);
            machine.Step(JobServerInput.Packet(round, client, PacketMagic.Request, PacketType.SubmitJob, "f\0unique\0payload of some bytes"u8), effects);
            effects.Output(worker).Clear();
            machine.Step(JobServerInput.Packet(round, worker, PacketMagic.Request, PacketType.GrabJob, default), effects);
            var assigned = effects.Output(worker).Head[PacketHeader.SizeBytes..];
            var handle = assigned[..(assigned.IndexOf((byte)0) + 1)];
            handle.CopyTo(complete);
            machine.Step(JobServerInput.Packet(round, worker, PacketMagic.Request, PacketType.WorkComplete, complete.AsSpan(0, handle.Length)), effects);
            effects.Output(worker).Clear();
            effects.Output(client).Clear();
        }
    }

    private static uint HashOf(KeyedHash hash, int number) => hash.Of(0, BitConverter.GetBytes(number));

    private static bool Has(HashIndex index, uint hash, int slot)
    {
        var probe = 0;
        while (index.TryNext(hash, ref probe, out var found))
        {
            if (found == slot)
                return true;
        }

        return false;
    }

    private sealed class SilentEffects : IJobServerEffects
    {
        private readonly ByteQueue[] _outputs = [new(), new()];

        public ByteQueue Output(ConnectionId connection) => _outputs[connection.Slot];

        public void Close(ConnectionId connection, CloseReason reason) => throw new InvalidOperationException($"{reason}");

        public void Store(ulong sequence, in StoredRecord record) => throw new InvalidOperationException("nothing is durable here");

        public void Report(in JobServerEvent happened)
        {
        }
    }
}
