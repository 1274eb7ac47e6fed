using System.Text;
using System.Threading.Channels;
using Flotilla.JobServer.Core;
using Microsoft.Extensions.Logging;

namespace Flotilla.JobServer.Telemetry.Hooks;

/// <summary>
/// One hook: chosen events wait in a bounded queue and are delivered in order, one at a time, with retries. The server never waits for
/// it: what does not fit is dropped and counted.
/// </summary>
public sealed class EventHook : IJobServerObserver, IAsyncDisposable
{
    private static readonly TimeSpan MaxBackoff = TimeSpan.FromMinutes(1);

    /// <summary>Functions whose last full queue is remembered; past that all are forgotten and may be told again.</summary>
    private const int MaxOverLimitFunctions = 1000;

    private readonly HookOptions _options;
    private readonly IHookTarget _target;
    private readonly string _handlePrefix;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly byte[][] _untold;
    private readonly byte[] _only;
    private readonly Channel<HookEvent> _waiting;
    private readonly CancellationTokenSource _stop = new();
    private readonly Dictionary<string, (long LastTimestamp, long LeftOut)> _overLimit = [];
    private readonly Task _pump;
    private long _delivered;
    private long _dropped;

    /// <summary>Starts delivering; stops when disposed, dropping what waits.</summary>
    /// <param name="options">Valid options.</param>
    /// <param name="target">Where events go.</param>
    /// <param name="handlePrefix">What stands before the colon and a job's number in its handle: <c>H:host</c>.</param>
    /// <param name="time">For times in events and pauses between attempts.</param>
    /// <param name="logger">Told of failures.</param>
    /// <param name="hookFunctions">Functions that the server's other hooks call. A hook that calls a function is not told of their events.</param>
    public EventHook(
        HookOptions options, IHookTarget target, string handlePrefix, TimeProvider time, ILogger logger, IReadOnlyList<string>? hookFunctions = null)
    {
        _options = options;
        _target = target;
        _handlePrefix = handlePrefix;
        _time = time;
        _logger = logger;
        Kinds = JobServerObserver.MaskOf([.. options.Events]);
        _untold = options.Function is { } own ? [.. (hookFunctions ?? []).Append(own).Distinct(StringComparer.Ordinal).Select(Encoding.UTF8.GetBytes)] : [];
        _only = Encoding.UTF8.GetBytes(options.OnlyFunctions ?? "*");
        _waiting = Channel.CreateBounded<HookEvent>(new BoundedChannelOptions(options.MaxWaiting) { SingleReader = true });
        _pump = Task.Run(PumpAsync);
    }

    public string Name => _options.Name;

    public ulong Kinds { get; }

    public long Delivered => Volatile.Read(ref _delivered);

    /// <summary>Events that found the queue full, and events given up on.</summary>
    public long Dropped => Volatile.Read(ref _dropped);

    public int Waiting => _waiting.Reader.Count;

    public void Report(in JobServerEvent happened)
    {
        if ((Kinds & JobServerObserver.MaskOf(happened.Kind)) == 0 || !IsChosen(happened.Function))
            return;
        var function = Encoding.UTF8.GetString(happened.Function);
        long leftOut = 0;
        if (happened.Kind == JobServerEventKind.QueueOverLimit && !MayTellOfFullQueue(function, out leftOut))
            return;
        Enqueue(new HookEvent
        {
            Kind = happened.Kind,
            At = _time.GetUtcNow(),
            Function = function,
            Handle = happened.Job.Value == 0 ? "" : $"{_handlePrefix}:{happened.Job.Value}",
            Priority = happened.Priority,
            WaitedMs = happened.WaitedMs,
            RanMs = happened.RanMs,
            LeftOut = leftOut,
            Detail = happened.Detail,
        });
    }

    public void StoreFailed(int records, string reason)
    {
        if ((Kinds & JobServerObserver.MaskOf(JobServerEventKind.StoreFailed)) != 0)
            Enqueue(new HookEvent { Kind = JobServerEventKind.StoreFailed, At = _time.GetUtcNow(), Detail = reason });
    }

    public async ValueTask DisposeAsync()
    {
        _waiting.Writer.TryComplete();
        await _stop.CancelAsync();
        await _pump;
        _stop.Dispose();
    }

    /// <summary>
    /// A hook that makes jobs is never told of jobs that hooks make: each would make the next, alone or in a ring of several hooks.
    /// </summary>
    private bool IsChosen(ReadOnlySpan<byte> function)
    {
        foreach (var untold in _untold)
        {
            if (function.SequenceEqual(untold))
                return false;
        }

        return _only[^1] == '*' ? function.StartsWith(_only.AsSpan(0, _only.Length - 1)) : function.SequenceEqual(_only);
    }

    private bool MayTellOfFullQueue(string function, out long leftOut)
    {
        if (_overLimit.Count >= MaxOverLimitFunctions)
            _overLimit.Clear();
        (var last, leftOut) = _overLimit.GetValueOrDefault(function);
        var mayTell = last == 0 || _time.GetElapsedTime(last) >= _options.OverLimitInterval;
        _overLimit[function] = mayTell ? (_time.GetTimestamp(), 0) : (last, leftOut + 1);
        return mayTell;
    }

    private void Enqueue(HookEvent told)
    {
        if (_waiting.Writer.TryWrite(told))
            return;
        var dropped = Interlocked.Increment(ref _dropped);
        if (long.IsPow2(dropped))
            Log.HookOverrun(_logger, Name, dropped);
    }

    private async Task PumpAsync()
    {
        try
        {
            await foreach (var told in _waiting.Reader.ReadAllAsync(_stop.Token))
                await DeliverAsync(told);
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // Disposed: what waits is dropped on purpose.
        }
    }

    private async Task DeliverAsync(HookEvent told)
    {
        var json = told.ToJson();
        var pause = _options.Backoff;
        for (var attempt = 1; ; attempt++)
        {
            if (await TrySendAsync(json) is not { } reason)
            {
                Interlocked.Increment(ref _delivered);
                Log.HookDelivered(_logger, Name, told.Kind.ToString(), told.Function);
                return;
            }

            if (attempt == _options.Attempts)
            {
                Interlocked.Increment(ref _dropped);
                Log.HookGaveUp(_logger, Name, told.Kind.ToString(), attempt, reason);
                return;
            }

            Log.HookRetried(_logger, Name, attempt, (long)pause.TotalMilliseconds, reason);
            await Task.Delay(pause, _time, _stop.Token);
            pause = pause * 2 < MaxBackoff ? pause * 2 : MaxBackoff;
        }
    }

    /// <summary>Null when it was taken, else why not. Whatever a target throws is the target's failure, not the server's.</summary>
    private async Task<string?> TrySendAsync(byte[] json)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        limit.CancelAfter(_options.Timeout);
        try
        {
            await _target.SendAsync(json, limit.Token);
            return null;
        }
        catch (OperationCanceledException) when (!_stop.IsCancellationRequested)
        {
            return $"no answer in {_options.Timeout.TotalSeconds:0.##} s";
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            return failure.Message;
        }
    }
}
