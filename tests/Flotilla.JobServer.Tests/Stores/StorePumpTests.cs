using Flotilla.JobServer.Core;
using Flotilla.JobServer.Hosting;
using Flotilla.TestSupport;

namespace Flotilla.JobServer.Tests.Stores;

/// <summary>What lies between the machine and a store.</summary>
public sealed class StorePumpTests
{
    [Fact]
    public async Task BatchesAreBoundedAndCommittedInTheirOrder()
    {
        const int Records = 100;
        const int DataBytes = 1_000;
        var store = new SlowStore();
        var options = new JobServerOptions { Store = store };
        await using var pump = new StorePump(store, options) { BatchBytesMax = 10 * DataBytes };
        var gate = new MachineGate(new JobMachine(new JobMachineOptions { IsDurable = true }), options, pump);
        var answers = new List<ulong>();
        pump.Start(gate, answer => answers.Add(answer.Sequence));
        lock (gate.Lock)
        {
            for (var sequence = 1ul; sequence <= Records; sequence++)
                pump.Add(sequence, new StoredRecord { Kind = StoredRecordKind.JobAdded, Id = new JobId(sequence), Data = new byte[DataBytes] });
            pump.Kick();
        }

        await Deadline.UntilAsync(() => store.Ids.Count == Records, "all records are committed");
        await Deadline.UntilAsync(() => answers.Count == store.Batches.Count, "all batches are answered for");
        Assert.Equal(Enumerable.Range(1, Records).Select(id => (ulong)id), store.Ids);
        Assert.All(store.Batches, bytes => Assert.InRange(bytes, 1, 11 * (DataBytes + 100)));
        Assert.Equal(answers.Order(), answers);
        Assert.Equal((ulong)Records, answers[^1]);
        lock (gate.Lock)
            Assert.Equal((ulong)Records, pump.LastSequence);
    }

    private sealed class SlowStore : IJobStore
    {
        public List<ulong> Ids { get; } = [];

        public List<int> Batches { get; } = [];

        public string Description => "slow";

        public JobId HighestId => default;

        public ValueTask OpenAsync(IJobStoreReplay replay, CancellationToken cancellationToken) => default;

        public async ValueTask CommitAsync(JobStoreBatch batch, CancellationToken cancellationToken)
        {
            await Task.Yield();
            foreach (var record in batch)
                Ids.Add(record.Id.Value);
            Batches.Add(batch.LengthBytes);
        }

        public ValueTask DisposeAsync() => default;
    }
}
