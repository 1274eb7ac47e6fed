using System.Diagnostics;
using System.Text;
using Flotilla.JobServer.Core;

namespace Flotilla.JobServer.Telemetry;

/// <summary>
/// A span per job, from submit to end, in the activity source <c>Flotilla.JobServer</c>. The Gearman protocol carries no trace context,
/// so each span is the root of its own trace; the handle's number links it to logs. Costs one check per event while nobody listens.
/// Driven under the machine's lock.
/// </summary>
public sealed class JobActivities(TelemetryOptions options, TimeProvider time) : IJobServerObserver, IDisposable
{
    public const string SourceName = "Flotilla.JobServer";

    private readonly ActivitySource _source = new(SourceName);
    private readonly Dictionary<JobId, (DateTimeOffset Submitted, DateTimeOffset Started)> _open = [];

    /// <summary>Jobs whose span is not finished.</summary>
    public int OpenSpans => _open.Count;

    public void Report(in JobServerEvent happened)
    {
        if (!_source.HasListeners())
        {
            if (_open.Count > 0)
                _open.Clear();
            return;
        }

        switch (happened.Kind)
        {
            case JobServerEventKind.JobSubmitted when _open.Count < options.MaxOpenSpans:
                _open[happened.Job] = (time.GetUtcNow(), default);
                break;
            case JobServerEventKind.JobStarted when _open.TryGetValue(happened.Job, out var span):
                _open[happened.Job] = (span.Submitted, time.GetUtcNow());
                break;
            case JobServerEventKind.JobCompleted:
            case JobServerEventKind.JobFailed:
            case JobServerEventKind.JobBuried:
            case JobServerEventKind.JobCancelled:
            case JobServerEventKind.JobAbandoned:
                End(happened);
                break;
            default:
                break;
        }
    }

    public void Dispose() => _source.Dispose();

    private void End(in JobServerEvent happened)
    {
        if (!_open.Remove(happened.Job, out var span))
            return;
        var function = Encoding.UTF8.GetString(happened.Function);
        var before = Activity.Current;
        using var activity = _source.StartActivity($"job {function}", ActivityKind.Server, default(ActivityContext), startTime: span.Submitted);
        if (activity is null)
            return;
        activity.SetTag("messaging.system", "gearman");
        activity.SetTag("messaging.destination.name", function);
        activity.SetTag("flotilla.job", (long)happened.Job.Value);
        activity.SetTag("flotilla.outcome", happened.Kind.ToString());
        if (span.Started != default)
            activity.AddEvent(new ActivityEvent("started", span.Started));
        if (happened.Kind is not (JobServerEventKind.JobCompleted or JobServerEventKind.JobCancelled))
            activity.SetStatus(ActivityStatusCode.Error, happened.Detail);
        activity.SetEndTime(time.GetUtcNow().UtcDateTime);
        activity.Stop();
        Activity.Current = before;
    }
}
