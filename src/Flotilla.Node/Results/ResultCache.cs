using System.Diagnostics.CodeAnalysis;
using System.Text;
using Flotilla.JobServer;
using Flotilla.JobServer.Core;
using Flotilla.JobServer.Telemetry;

namespace Flotilla.Node.Results;

/// <summary>Keeps how background jobs ended, bounded by number, bytes and age. Thread-safe.</summary>
public sealed class ResultCache(ResultCacheOptions options, TimeProvider time) : IJobServerObserver
{
    /// <summary>What one kept result costs besides its bytes.</summary>
    private const int EntryBytes = 200;

    /// <summary>Functions whose names are remembered; those of others are made anew for each job.</summary>
    private const int MaxNames = 1000;

    private readonly Lock _gate = new();
    private readonly Dictionary<JobId, KeptResult> _results = [];
    private readonly Queue<JobId> _oldestFirst = new();
    private (byte[] Bytes, string Text)[] _names = [];
    private long _bytes;

    public ulong Kinds { get; } = JobServerObserver.MaskOf(
        JobServerEventKind.JobCompleted, JobServerEventKind.JobFailed, JobServerEventKind.JobBuried, JobServerEventKind.JobCancelled);

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
        if (options.MaxResults == 0 || !happened.IsBackground || (Kinds & JobServerObserver.MaskOf(happened.Kind)) == 0)
            return;
        var data = happened.Result.Length <= options.MaxResultBytes ? happened.Result.ToArray() : null;
        var kept = new KeptResult(happened.Kind, NameOf(happened), time.GetUtcNow(), happened.RanMs, data, happened.Result.Length);
        lock (_gate)
            Keep(happened.Job, kept);
    }

    public bool TryGet(JobId job, [NotNullWhen(true)] out KeptResult? result)
    {
        lock (_gate)
        {
            Forget(time.GetUtcNow());
            return _results.TryGetValue(job, out result);
        }
    }

    /// <summary>One string per function instead of one per job. Only the machine's lock guards it.</summary>
    private string NameOf(in JobServerEvent happened)
    {
        var index = happened.FunctionIndex;
        if ((uint)index >= MaxNames)
            return Encoding.UTF8.GetString(happened.Function);
        if (index >= _names.Length)
            Array.Resize(ref _names, Math.Max(16, Math.Min(MaxNames, (index + 1) * 2)));
        if (_names[index].Text is null || !happened.Function.SequenceEqual(_names[index].Bytes))
            _names[index] = (happened.Function.ToArray(), Encoding.UTF8.GetString(happened.Function));
        return _names[index].Text;
    }

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
        Forget(kept.EndedAt);
    }

    private void Forget(DateTimeOffset now)
    {
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
