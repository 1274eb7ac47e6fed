using System.Diagnostics.CodeAnalysis;
using System.Text;
using Flotilla.JobServer;
using Flotilla.JobServer.Core;

namespace Flotilla.Node.Results;

/// <summary>Keeps how background jobs ended, bounded by number, bytes and age. Thread-safe.</summary>
public sealed class ResultCache(ResultCacheOptions options, TimeProvider time) : IJobServerObserver
{
    /// <summary>What one kept result costs besides its bytes.</summary>
    private const int EntryBytes = 200;

    private readonly Lock _gate = new();
    private readonly Dictionary<JobId, KeptResult> _results = [];
    private readonly Queue<JobId> _oldestFirst = new();
    private long _bytes;

    public int Count
    {
        get
        {
            lock (_gate)
                return _results.Count;
        }
    }

    public void Report(in JobServerEvent happened)
    {
        if (options.MaxResults == 0 || !happened.IsBackground || !IsEnd(happened.Kind))
            return;
        var data = happened.Result.Length <= options.MaxResultBytes ? happened.Result.ToArray() : null;
        var kept = new KeptResult(
            happened.Kind, Encoding.UTF8.GetString(happened.Function), time.GetUtcNow(), happened.RanMs, data, happened.Result.Length);
        lock (_gate)
            Keep(happened.Job, kept);
    }

    public bool TryGet(JobId job, [NotNullWhen(true)] out KeptResult? result)
    {
        lock (_gate)
        {
            Forget();
            return _results.TryGetValue(job, out result);
        }
    }

    private static bool IsEnd(JobServerEventKind kind)
        => kind is JobServerEventKind.JobCompleted or JobServerEventKind.JobFailed or JobServerEventKind.JobBuried or JobServerEventKind.JobCancelled;

    /// <summary>A job can fail and then be buried: the later end replaces the earlier, but keeps its data.</summary>
    private void Keep(JobId job, KeptResult kept)
    {
        if (_results.TryGetValue(job, out var earlier))
        {
            _bytes -= SizeOf(earlier);
            if (kept.LengthBytes == 0)
                kept = kept with { Data = earlier.Data, LengthBytes = earlier.LengthBytes };
        }
        else
        {
            _oldestFirst.Enqueue(job);
        }

        _results[job] = kept;
        _bytes += SizeOf(kept);
        Forget();
    }

    private void Forget()
    {
        var now = time.GetUtcNow();
        while (_oldestFirst.TryPeek(out var job))
        {
            var kept = _results[job];
            if (_results.Count <= options.MaxResults && _bytes <= options.MaxBytes && now - kept.EndedAt <= options.MaxAge)
                return;
            _oldestFirst.Dequeue();
            _results.Remove(job);
            _bytes -= SizeOf(kept);
        }
    }

    private static long SizeOf(KeptResult kept) => EntryBytes + (kept.Data?.Length ?? 0);
}
