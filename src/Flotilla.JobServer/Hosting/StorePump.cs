using System.Diagnostics;
using Flotilla.JobServer.Core;

namespace Flotilla.JobServer.Hosting;

/// <summary>
/// Group commit: while the store makes one batch durable the next one fills. The more jobs wait, the larger the batches. The machine
/// adds under its lock; the pump takes a batch under the same lock and commits it without.
/// </summary>
internal sealed class StorePump(IJobStore store, JobServerOptions options) : IAsyncDisposable
{
    private readonly SemaphoreSlim _kick = new(0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Queue<JobStoreBatch> _full = new();
    private JobStoreBatch _filling = new();
    private JobStoreBatch _committing = new();
    private bool _isKicked;
    private Task _running = Task.CompletedTask;
    private MachineGate? _gate;
    private Action<StoreAnswer> _answer = _ => { };

    /// <summary>A batch with this much in it takes no more: a slow disk under large payloads must not make one that no array holds.</summary>
    public int BatchBytesMax { get; init; } = 64 * 1024 * 1024;

    /// <summary>Under the lock: the newest record it was given; 0 when there was none.</summary>
    public ulong LastSequence { get; private set; }

    /// <summary>Under the lock: the newest record of whose fate the machine was told; 0 when there was none.</summary>
    public ulong AnsweredSequence { get; private set; }

    /// <summary>Completes when the pump has ended; faults when it failed.</summary>
    public Task Running => _running;

    public void Start(MachineGate gate, Action<StoreAnswer> answer)
    {
        _gate = gate;
        _answer = answer;
        _running = Task.Run(RunAsync);
    }

    /// <summary>Under the lock.</summary>
    public void Add(ulong sequence, in StoredRecord record)
    {
        if (!_filling.IsEmpty && _filling.LengthBytes + (long)RecordCodec.SizeOf(record) > BatchBytesMax)
        {
            _full.Enqueue(_filling);
            _filling = new JobStoreBatch();
        }

        _filling.Add(sequence, record);
        LastSequence = sequence;
    }

    /// <summary>Under the lock, after a batch of steps.</summary>
    public void Kick()
    {
        if (_filling.IsEmpty || _isKicked)
            return;
        _isKicked = true;
        _kick.Release();
    }

    /// <summary>Under the lock: the machine was told of a batch.</summary>
    public void OnAnswered(ulong sequence) => AnsweredSequence = sequence;

    /// <summary>Commits what is left, whoever may still hear of it, and closes the store.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await store.DisposeAsync();
        _kick.Dispose();
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        while (await IsKickedAsync())
            await CommitWaitingAsync();
        await CommitWaitingAsync();
    }

    private async Task<bool> IsKickedAsync()
    {
        try
        {
            await _kick.WaitAsync(_stop.Token);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private async Task CommitWaitingAsync()
    {
        while (TryTake())
        {
            var answer = await CommitAsync();
            _committing.Clear();
            _answer(answer);
        }
    }

    /// <summary>The next batch, in the order in which they were filled.</summary>
    private bool TryTake()
    {
        lock (_gate!.Lock)
        {
            _isKicked = false;
            if (_full.TryDequeue(out var full))
                _committing = full;
            else if (_filling.IsEmpty)
                return false;
            else
                (_filling, _committing) = (_committing, _filling);
            return true;
        }
    }

    private async Task<StoreAnswer> CommitAsync()
    {
        var started = Stopwatch.GetTimestamp();
        try
        {
            await store.CommitAsync(_committing, CancellationToken.None);
            options.Observer?.StoreCommitted(_committing.Count, _committing.LengthBytes, Stopwatch.GetElapsedTime(started));
            return new StoreAnswer(this, _committing.LastSequence, null);
        }
        catch (JobStoreException e)
        {
            options.Observer?.StoreFailed(_committing.Count, e.Message);
            await TryCommitEndingsAsync();
            return new StoreAnswer(this, _committing.LastSequence, e.Message);
        }
    }

    /// <summary>
    /// On a full disk a store refuses additions and takes what ends jobs, which makes room: without this, endings that share their batches
    /// with submits would be refused for as long as there are submits. The machine tells them again all the same; that does no harm.
    /// </summary>
    private async Task TryCommitEndingsAsync()
    {
        if (!_committing.HasAdditions)
            return;
        _committing.KeepEndings();
        try
        {
            await store.CommitAsync(_committing, CancellationToken.None);
        }
        catch (JobStoreException)
        {
            // Reported once already, for the whole batch.
        }
    }
}
