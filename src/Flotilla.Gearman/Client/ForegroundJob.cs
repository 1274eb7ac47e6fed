using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Flotilla.Gearman.Connections;
using Flotilla.Gearman.Protocol;

namespace Flotilla.Gearman.Client;

/// <summary>
/// A foreground job from its request to its end. Packets come from the session's receive loop; <see cref="Abandon"/> from anywhere.
/// </summary>
internal sealed class ForegroundJob(ClientSession session, JobRequest request, bool streaming) : PendingReply
{
    /// <summary>What an update that waits costs besides its payload: many empty ones must count too.</summary>
    private const int UpdateOverheadBytes = 64;

    private readonly TaskCompletionSource<JobResult> _completed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource? _created = streaming ? new(TaskCreationOptions.RunContinuationsAsynchronously) : null;
    private readonly Channel<(JobUpdate Update, StrongBox<JobProgress>? Progress)>? _updates =
        streaming ? Channel.CreateUnbounded<(JobUpdate, StrongBox<JobProgress>?)>(new UnboundedChannelOptions { SingleWriter = false }) : null;

    private readonly Lock _progressGate = new();
    private readonly bool _cancelWhenAbandoned = request.CancelWhenAbandoned;
    private List<ReadOnlyMemory<byte>>? _data;
    private List<ReadOnlyMemory<byte>>? _warnings;
    private long _bufferedBytes;
    private StrongBox<JobProgress>? _lastProgress;
    private int _cancelSent;
    private volatile bool _abandoned;
    private volatile string? _handle;

    /// <summary>Jobs of the same handle on the same connection: the server sends each update once for each of them.</summary>
    public List<ForegroundJob>? Twins { get; set; }

    /// <summary>Whose turn it is among <see cref="Twins"/>.</summary>
    public int NextTwin { get; set; }

    public JobHandle Handle => new(_handle ?? "", session.Server);

    public ClientSession Session => session;

    public Task<JobResult> Completion => _completed.Task;

    /// <summary>For streaming jobs: ends when the server has given the handle, or when the job has failed before.</summary>
    public Task Created => _created?.Task ?? Task.CompletedTask;

    public override void OnAnswer(in IncomingPacket packet)
    {
        if (packet.Type != PacketType.JobCreated)
            throw new GearmanProtocolException($"{packet.Type} where JOB_CREATED must answer");
        _handle = session.Track(this, packet.Body);
        _created?.TrySetResult();
        if (_abandoned)
            CancelAtServer();
    }

    public override void OnFailure(Exception reason)
    {
        if (reason is ConnectionLostException lost && _handle is not null)
            reason = new ConnectionLostException(lost.Server, lost.Message, lost.InnerException) { WasAccepted = true };
        Fail(reason);
    }

    /// <summary>Stops waiting; what the server still sends for this job is dropped.</summary>
    public void Abandon(Exception reason)
    {
        _abandoned = true;
        if (!Fail(reason))
            return;
        if (_handle is not null)
            CancelAtServer();
    }

    public void OnData(in IncomingPacket packet, int lengthBytes) => Keep(JobUpdateKind.Data, packet, lengthBytes);

    public void OnWarning(in IncomingPacket packet, int lengthBytes) => Keep(JobUpdateKind.Warning, packet, lengthBytes);

    /// <summary>Progress takes the place of progress that waits just before it: only the latest is of use.</summary>
    public void OnProgress(JobProgress progress)
    {
        if (_abandoned || _updates is null)
            return;
        lock (_progressGate)
        {
            if (_lastProgress is { } waiting)
            {
                waiting.Value = progress;
                return;
            }

            _lastProgress = new StrongBox<JobProgress>(progress);
            _updates.Writer.TryWrite((new JobUpdate(JobUpdateKind.Progress, default, default), _lastProgress));
        }
    }

    public void OnComplete(ReadOnlyMemory<byte> payload)
    {
        _updates?.Writer.TryWrite((new JobUpdate(JobUpdateKind.Completed, payload, default), null));
        _updates?.Writer.TryComplete();
        _completed.TrySetResult(new JobResult(Handle, payload, _data ?? (IReadOnlyList<ReadOnlyMemory<byte>>)[], _warnings ?? (IReadOnlyList<ReadOnlyMemory<byte>>)[]));
    }

    /// <summary>False when the job had ended already.</summary>
    public bool Fail(Exception reason)
    {
        var first = reason is OperationCanceledException cancelled
            ? _completed.TrySetCanceled(cancelled.CancellationToken)
            : _completed.TrySetException(reason);
        if (!first)
            return false;
        // Whoever waits for updates or the handle sees it too; a job that nobody waits for must not end up as unobserved.
        _ = _completed.Task.Exception;
        _created?.TrySetResult();
        _updates?.Writer.TryComplete(reason);
        return true;
    }

    public async IAsyncEnumerable<JobUpdate> ReadUpdatesAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (await _updates!.Reader.WaitToReadAsync(cancellationToken))
        {
            while (_updates.Reader.TryRead(out var next))
                yield return Taken(next.Update, next.Progress);
        }
    }

    private JobUpdate Taken(JobUpdate update, StrongBox<JobProgress>? progress)
    {
        if (update.Kind is JobUpdateKind.Data or JobUpdateKind.Warning)
            Interlocked.Add(ref _bufferedBytes, -update.Payload.Length - UpdateOverheadBytes);
        if (progress is null)
            return update;
        lock (_progressGate)
        {
            if (ReferenceEquals(_lastProgress, progress))
                _lastProgress = null;
            return update with { Progress = progress.Value };
        }
    }

    private void Keep(JobUpdateKind kind, in IncomingPacket packet, int lengthBytes)
    {
        if (_abandoned)
            return;
        var limit = session.Options.MaxJobBufferBytes;
        if (Interlocked.Add(ref _bufferedBytes, lengthBytes + UpdateOverheadBytes) > limit)
        {
            Abandon(new JobBufferOverflowException(Handle, limit));
            return;
        }

        var payload = packet.Detach(lengthBytes);
        if (_updates is null)
        {
            (kind == JobUpdateKind.Data ? _data ??= [] : _warnings ??= []).Add(payload);
            return;
        }

        lock (_progressGate)
            _lastProgress = null;
        _updates.Writer.TryWrite((new JobUpdate(kind, payload, default), null));
    }

    private void CancelAtServer()
    {
        if (_cancelWhenAbandoned && Interlocked.Exchange(ref _cancelSent, 1) == 0)
            session.CancelForgotten(_handle!);
    }
}
