using System.Buffers;
using Flotilla.JobServer.Core;

namespace Flotilla.JobServer.Telemetry;

/// <summary>The text of <c>/metrics</c>: counters of a <see cref="JobServerTelemetry"/> and a snapshot of the machine.</summary>
public static class MetricsPage
{
    private const string FunctionLabel = "function";
    private const double MsPerSecond = 1e3;
    private const double UsPerSecond = 1e6;

    private static readonly (JobServerEventKind Kind, string Metric, string Help)[] JobCounters =
    [
        (JobServerEventKind.JobSubmitted, "flotilla_jobs_submitted_total", "Jobs accepted, coalesced ones not included."),
        (JobServerEventKind.JobCoalesced, "flotilla_jobs_coalesced_total", "Submits answered with the handle of a job with the same unique key."),
        (JobServerEventKind.JobStarted, "flotilla_jobs_started_total", "Jobs handed to workers, every attempt counted."),
        (JobServerEventKind.JobCompleted, "flotilla_jobs_completed_total", "Jobs that ended with WORK_COMPLETE."),
        (JobServerEventKind.JobFailed, "flotilla_jobs_failed_total", "Jobs that ended with WORK_FAIL or WORK_EXCEPTION."),
        (JobServerEventKind.JobRetried, "flotilla_jobs_retried_total", "Jobs queued again after a worker was lost, was too slow or failed."),
        (JobServerEventKind.JobTimedOut, "flotilla_jobs_timed_out_total", "Jobs taken from a worker that was too slow."),
        (JobServerEventKind.JobBuried, "flotilla_jobs_buried_total", "Jobs moved to the dead-letter list."),
        (JobServerEventKind.JobCancelled, "flotilla_jobs_cancelled_total", "Jobs cancelled by an operator or a client."),
        (JobServerEventKind.JobAbandoned, "flotilla_jobs_abandoned_total", "Foreground jobs whose last client left."),
        (JobServerEventKind.JobRejected, "flotilla_jobs_rejected_total", "Submits refused: full queue, draining, no memory."),
        (JobServerEventKind.WorkerLost, "flotilla_workers_lost_total", "Workers that vanished with a job in hand."),
        (JobServerEventKind.QueueOverLimit, "flotilla_queue_over_limit_total", "Times a queue was found at its limit."),
        (JobServerEventKind.ScheduleFired, "flotilla_schedules_fired_total", "Jobs made by recurring schedules."),
    ];

    public static void Write(IBufferWriter<byte> output, JobServerTelemetry telemetry, ServerSnapshot snapshot, string version)
    {
        var writer = new PrometheusWriter(output);
        WriteServer(writer, telemetry, snapshot, version);
        WriteTraffic(writer, telemetry);
        WriteStore(writer, telemetry);
        WriteQueues(writer, Bounded(snapshot.Functions, telemetry.Options.MaxFunctions));
        WriteJobs(writer, telemetry);
    }

    private static void WriteServer(PrometheusWriter writer, JobServerTelemetry telemetry, ServerSnapshot snapshot, string version)
    {
        writer.Begin("flotilla_build_info", "gauge", "Always 1; the version is in the label.");
        writer.Sample(1, "version", version);
        Gauge(writer, "flotilla_uptime_seconds", "Seconds since the server started.", telemetry.Uptime.TotalSeconds);
        Gauge(writer, "flotilla_jobs", "Jobs known to the server, whatever their state.", snapshot.Jobs);
        Gauge(writer, "flotilla_workers_connected", "Connections that registered at least one function.", snapshot.Workers);
        Gauge(writer, "flotilla_schedules", "Recurring schedules.", snapshot.Schedules);
        Gauge(writer, "flotilla_draining", "1 while the server hands out no more jobs.", snapshot.IsDraining ? 1 : 0);
        Gauge(writer, "flotilla_job_memory_bytes", "Job memory in use, payloads and records.", snapshot.MemoryBytes);
        Gauge(writer, "flotilla_process_memory_bytes", "Resident memory of the process.", Environment.WorkingSet);
        Counter(
            writer, "flotilla_protocol_violations_total", "Connections ended because the peer broke the protocol.",
            telemetry.Server.Count(JobServerEventKind.ProtocolViolation));
        Counter(
            writer, "flotilla_access_denied_total", "Requests refused for want of a right or a secret.",
            telemetry.Server.Count(JobServerEventKind.AccessDenied));
    }

    private static void WriteTraffic(PrometheusWriter writer, JobServerTelemetry telemetry)
    {
        Gauge(writer, "flotilla_connections", "Open connections of clients and workers.", telemetry.ConnectionsOpen);
        Counter(writer, "flotilla_connections_opened_total", "Connections accepted.", telemetry.ConnectionsOpened);
        Counter(writer, "flotilla_received_bytes_total", "Bytes received from clients and workers.", telemetry.ReceivedBytes);
        Counter(writer, "flotilla_sent_bytes_total", "Bytes sent to clients and workers.", telemetry.SentBytes);
    }

    private static void WriteStore(PrometheusWriter writer, JobServerTelemetry telemetry)
    {
        Counter(writer, "flotilla_store_records_total", "Records made durable.", telemetry.StoredRecords);
        Counter(writer, "flotilla_store_bytes_total", "Bytes of records made durable.", telemetry.StoredBytes);
        Counter(writer, "flotilla_store_failures_total", "Batches that the store refused.", telemetry.StoreFailures);
        writer.Begin("flotilla_store_commit_seconds", "histogram", "Time a batch took to become durable.");
        writer.Histogram(telemetry.StoreCommits, UsPerSecond);
        writer.Begin("flotilla_store_batch_records", "histogram", "Records per durable batch.");
        writer.Histogram(telemetry.StoreBatches, 1);
    }

    private static void WriteQueues(PrometheusWriter writer, IReadOnlyList<FunctionSnapshot> functions)
    {
        writer.Begin("flotilla_jobs_queued", "gauge", "Jobs ready for a worker.");
        foreach (var function in functions)
        {
            writer.Sample(function.QueuedHigh, FunctionLabel, function.Name, "priority", "high");
            writer.Sample(function.QueuedNormal, FunctionLabel, function.Name, "priority", "normal");
            writer.Sample(function.QueuedLow, FunctionLabel, function.Name, "priority", "low");
        }

        PerFunction(writer, functions, "flotilla_jobs_running", "Jobs in workers' hands.", one => one.Running);
        PerFunction(writer, functions, "flotilla_jobs_delayed", "Jobs not yet due: scheduled, or waiting for another attempt.", one => one.Delayed);
        PerFunction(writer, functions, "flotilla_jobs_dead", "Jobs in the dead-letter list.", one => one.Dead);
        PerFunction(writer, functions, "flotilla_workers", "Workers that registered the function.", one => one.Workers);
        PerFunction(writer, functions, "flotilla_payload_bytes", "Bytes of payload held.", one => one.PayloadBytes);
        PerFunction(writer, functions, "flotilla_function_paused", "1 while the function is paused.", one => one.IsPaused ? 1 : 0);
    }

    private static void WriteJobs(PrometheusWriter writer, JobServerTelemetry telemetry)
    {
        var functions = telemetry.Functions();
        foreach (var (kind, metric, help) in JobCounters)
        {
            writer.Begin(metric, "counter", help);
            foreach (var function in functions)
                writer.Sample(function.Count(kind), FunctionLabel, function.Name);
        }

        writer.Begin("flotilla_job_waiting_seconds", "histogram", "Time from ready to handed out.");
        foreach (var function in functions)
            writer.Histogram(function.Waiting, MsPerSecond, FunctionLabel, function.Name);
        writer.Begin("flotilla_job_running_seconds", "histogram", "Time from handed out to the end, however it ended.");
        foreach (var function in functions)
            writer.Histogram(function.Running, MsPerSecond, FunctionLabel, function.Name);
    }

    /// <summary>Functions beyond the limit become one, so that labels stay bounded here as in the counters.</summary>
    private static IReadOnlyList<FunctionSnapshot> Bounded(IReadOnlyList<FunctionSnapshot> functions, int limit)
    {
        if (functions.Count <= limit && functions.All(one => one.Index < limit))
            return functions;
        List<FunctionSnapshot> bounded = [];
        var other = new FunctionSnapshot { Name = TelemetryOptions.OverflowLabel, Index = limit };
        foreach (var one in functions)
        {
            if (one.Index < limit)
                bounded.Add(one);
            else
                other = Add(other, one);
        }

        bounded.Add(other);
        return bounded;
    }

    private static FunctionSnapshot Add(in FunctionSnapshot sum, in FunctionSnapshot one) => sum with
    {
        QueuedHigh = sum.QueuedHigh + one.QueuedHigh,
        QueuedNormal = sum.QueuedNormal + one.QueuedNormal,
        QueuedLow = sum.QueuedLow + one.QueuedLow,
        Running = sum.Running + one.Running,
        Delayed = sum.Delayed + one.Delayed,
        Dead = sum.Dead + one.Dead,
        Workers = sum.Workers + one.Workers,
        PayloadBytes = sum.PayloadBytes + one.PayloadBytes,
        IsPaused = sum.IsPaused || one.IsPaused,
    };

    private static void PerFunction(
        PrometheusWriter writer, IReadOnlyList<FunctionSnapshot> functions, string metric, string help, Func<FunctionSnapshot, long> value)
    {
        writer.Begin(metric, "gauge", help);
        foreach (var function in functions)
            writer.Sample(value(function), FunctionLabel, function.Name);
    }

    private static void Gauge(PrometheusWriter writer, string metric, string help, double value)
    {
        writer.Begin(metric, "gauge", help);
        writer.Sample(value);
    }

    private static void Counter(PrometheusWriter writer, string metric, string help, long value)
    {
        writer.Begin(metric, "counter", help);
        writer.Sample(value);
    }
}
