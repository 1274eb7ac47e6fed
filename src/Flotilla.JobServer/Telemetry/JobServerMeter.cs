using System.Diagnostics.Metrics;
using Flotilla.JobServer.Core;

namespace Flotilla.JobServer.Telemetry;

/// <summary>
/// The same figures as <see cref="MetricsPage"/> as instruments of the meter <c>Flotilla.JobServer</c>, for OpenTelemetry and
/// <c>dotnet-counters</c>. Counters and gauges are observed, so they cost nothing between two collections; the two job histograms
/// are recorded per job, and only while somebody listens.
/// </summary>
public sealed class JobServerMeter : IJobServerObserver, IDisposable
{
    public const string Name = "Flotilla.JobServer";

    private readonly Meter _meter = new(Name);
    private readonly JobServerTelemetry _telemetry;
    private readonly Func<ServerSnapshot> _snapshot;
    private readonly Histogram<double> _waiting;
    private readonly Histogram<double> _running;

    /// <summary>Creates the instruments; whoever listens to the meter sees them from now on.</summary>
    /// <param name="telemetry">Whose counters are shown.</param>
    /// <param name="snapshot">Called once per gauge and collection, from the collector's thread.</param>
    public JobServerMeter(JobServerTelemetry telemetry, Func<ServerSnapshot> snapshot)
    {
        _telemetry = telemetry;
        _snapshot = snapshot;
        _waiting = _meter.CreateHistogram<double>("flotilla.job.waiting", "s", "Time from ready to handed out.");
        _running = _meter.CreateHistogram<double>("flotilla.job.running", "s", "Time from handed out to the end.");
        Count("flotilla.jobs.submitted", JobServerEventKind.JobSubmitted);
        Count("flotilla.jobs.coalesced", JobServerEventKind.JobCoalesced);
        Count("flotilla.jobs.completed", JobServerEventKind.JobCompleted);
        Count("flotilla.jobs.failed", JobServerEventKind.JobFailed);
        Count("flotilla.jobs.retried", JobServerEventKind.JobRetried);
        Count("flotilla.jobs.timed_out", JobServerEventKind.JobTimedOut);
        Count("flotilla.jobs.buried", JobServerEventKind.JobBuried);
        Count("flotilla.jobs.rejected", JobServerEventKind.JobRejected);
        Observe("flotilla.jobs.queued", one => one.QueuedHigh + one.QueuedNormal + one.QueuedLow);
        Observe("flotilla.jobs.in_progress", one => one.Running);
        Observe("flotilla.jobs.delayed", one => one.Delayed);
        Observe("flotilla.jobs.dead", one => one.Dead);
        Observe("flotilla.workers", one => one.Workers);
        _meter.CreateObservableUpDownCounter("flotilla.connections", () => _telemetry.ConnectionsOpen);
        _meter.CreateObservableCounter("flotilla.received", () => _telemetry.ReceivedBytes, "By");
        _meter.CreateObservableCounter("flotilla.sent", () => _telemetry.SentBytes, "By");
        _meter.CreateObservableCounter("flotilla.store.records", () => _telemetry.StoredRecords);
        _meter.CreateObservableCounter("flotilla.store.failures", () => _telemetry.StoreFailures);
    }

    public ulong Kinds { get; } = JobServerObserver.MaskOf(
        JobServerEventKind.JobStarted, JobServerEventKind.JobCompleted, JobServerEventKind.JobFailed);

    public void Report(in JobServerEvent happened)
    {
        if (happened.Kind == JobServerEventKind.JobStarted)
        {
            if (_waiting.Enabled)
                _waiting.Record(happened.WaitedMs / 1e3, Tag(happened));
        }
        else if (happened.Kind is JobServerEventKind.JobCompleted or JobServerEventKind.JobFailed && _running.Enabled)
        {
            _running.Record(happened.RanMs / 1e3, Tag(happened));
        }
    }

    public void Dispose() => _meter.Dispose();

    private KeyValuePair<string, object?> Tag(in JobServerEvent happened) => new("function", _telemetry.NameOf(happened));

    private void Count(string name, JobServerEventKind kind)
        => _meter.CreateObservableCounter(
            name,
            () => _telemetry.Functions().Select(one => new Measurement<long>(one.Count(kind), Tag(one.Name))));

    private void Observe(string name, Func<FunctionSnapshot, long> value)
        => _meter.CreateObservableUpDownCounter(
            name,
            () => _snapshot().Functions
                .Where(one => one.Index < _telemetry.Options.MaxFunctions)
                .Select(one => new Measurement<long>(value(one), Tag(one.Name))));

    private static KeyValuePair<string, object?> Tag(string function) => new("function", function);
}
