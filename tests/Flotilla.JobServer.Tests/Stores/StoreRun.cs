using Flotilla.JobServer.Stores;
using Flotilla.Primitives;
using Flotilla.Simulation;

namespace Flotilla.JobServer.Tests.Stores;

/// <summary>One file store on one simulated disk, and what it promised so far.</summary>
internal sealed class StoreRun(ulong seed, int segmentBytes = FileJobStoreOptions.SegmentBytesMin, long capacityBytes = long.MaxValue)
{
    private readonly World _world = new(seed);
    private SimulatedDisk? _disk;
    private StoreWorkload? _workload;
    private FileJobStore? _store;

    /// <summary>Batches of which one may turn out to be there although none was acknowledged.</summary>
    private readonly List<List<ModelRecord>> _inDoubt = [];

    public SimulatedDisk Disk => _disk ??= _world.Disk("jobs", capacityBytes);

    public FileJobStore Store => _store!;

    /// <summary>Everything acknowledged.</summary>
    public StoreModel Model { get; private set; } = new();

    public List<string> Warnings { get; } = [];

    public int Refused { get; private set; }

    private StoreWorkload Workload => _workload ??= new StoreWorkload(_world.Source("workload"));

    /// <summary>Opens the store and requires that it holds all that was acknowledged, and of the batch cut short all or nothing.</summary>
    public async Task OpenAsync()
    {
        _store = new FileJobStore(
            new FileJobStoreOptions { Folder = "/simulated", SegmentBytes = segmentBytes, Warn = Warnings.Add },
            new SimulatedStoreFiles(Disk),
            new SeededRandom(seed + (ulong)Disk.Lives * 1000 + (ulong)Disk.Operations));
        var image = await _store.OpenAndReadAsync();
        if (!image.SequenceEqual(Model.Image()))
            Model = _inDoubt.Select(Model.With).FirstOrDefault(possible => image.SequenceEqual(possible.Image())) ?? Model;
        _inDoubt.Clear();
        Assert.Equal(Model.Image(), image);
        Assert.True(Model.HighestId <= _store.HighestId.Value);
    }

    /// <summary>Commits batches; a batch that is refused must be as if it had never been.</summary>
    public async Task CommitAsync(int batches, int recordsMax = 6)
    {
        for (var i = 0; i < batches; i++)
        {
            var batch = Workload.NextBatch(Model, recordsMax);
            _inDoubt.Add(batch);
            try
            {
                await Store.CommitAsync(batch);
                Model.Apply(batch);
                _inDoubt.Clear();
            }
            catch (JobStoreException)
            {
                Refused++;
                if (!Store.HasUncertainTail)
                    _inDoubt.Clear();
            }
        }
    }

    public async Task CloseAsync() => await Store.DisposeAsync();

    public async Task CrashAndReopenAsync(CrashPolicy policy)
    {
        Disk.Crash(policy);
        await OpenAsync();
    }

    /// <summary>The workload whose crash points are enumerated: several openings, segments and rounds of cleaning. False when the power failed in it.</summary>
    public async Task<bool> TryRunScriptAsync(int batches = 40)
    {
        try
        {
            await OpenAsync();
            await CommitAsync(batches / 2);
            await CloseAsync();
            await OpenAsync();
            await CommitAsync(batches / 2);
            await CloseAsync();
            return true;
        }
        catch (SimulatedCrashException)
        {
            return false;
        }
    }

    /// <summary>After a crash: what opening found must survive another crash at once, and the store must be of use.</summary>
    public async Task RecoverAsync(CrashPolicy policy)
    {
        await CrashAndReopenAsync(policy);
        await CrashAndReopenAsync(CrashPolicy.LoseAll);
        await CommitAsync(3);
        await CrashAndReopenAsync(CrashPolicy.Random);
        await CommitAsync(1);
        await CloseAsync();
        await OpenAsync();
        Assert.Equal(0, Refused);
        await CloseAsync();
    }
}
