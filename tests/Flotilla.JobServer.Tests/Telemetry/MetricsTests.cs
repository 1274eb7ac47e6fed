using System.Buffers;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Text;
using System.Text.RegularExpressions;
using Flotilla.JobServer.Core;
using Flotilla.JobServer.Telemetry;
using Flotilla.TestSupport;

namespace Flotilla.JobServer.Tests.Telemetry;

public sealed partial class MetricsTests
{
    private static readonly ServerSnapshot Empty = new() { Functions = [] };

    [Fact]
    public void EventsAreCountedPerFunction()
    {
        var telemetry = new JobServerTelemetry(new TelemetryOptions(), TimeProvider.System);
        Report(telemetry, JobServerEventKind.JobSubmitted, "a", 0);
        Report(telemetry, JobServerEventKind.JobSubmitted, "a", 0);
        Report(telemetry, JobServerEventKind.JobSubmitted, "b", 200);
        Report(telemetry, JobServerEventKind.JobCompleted, "b", 200, ranMs: 20);
        var page = Page(telemetry, Empty);
        Assert.Contains("flotilla_jobs_submitted_total{function=\"a\"} 2\n", page, StringComparison.Ordinal);
        Assert.Contains("flotilla_jobs_submitted_total{function=\"b\"} 1\n", page, StringComparison.Ordinal);
        Assert.Contains("flotilla_jobs_completed_total{function=\"b\"} 1\n", page, StringComparison.Ordinal);
        Assert.Contains("flotilla_job_running_seconds_sum{function=\"b\"} 0.02\n", page, StringComparison.Ordinal);
    }

    [Fact]
    public void HistogramBucketsAccumulateUpToInfinity()
    {
        var telemetry = new JobServerTelemetry(new TelemetryOptions(), TimeProvider.System);
        foreach (var waited in new long[] { 0, 1, 2, 3, 500, 10_000_000 })
            Report(telemetry, JobServerEventKind.JobStarted, "f", 0, waitedMs: waited);
        var page = Page(telemetry, Empty);
        Assert.Contains("flotilla_job_waiting_seconds_bucket{function=\"f\",le=\"0.001\"} 2\n", page, StringComparison.Ordinal);
        Assert.Contains("flotilla_job_waiting_seconds_bucket{function=\"f\",le=\"0.002\"} 3\n", page, StringComparison.Ordinal);
        Assert.Contains("flotilla_job_waiting_seconds_bucket{function=\"f\",le=\"3600\"} 5\n", page, StringComparison.Ordinal);
        Assert.Contains("flotilla_job_waiting_seconds_bucket{function=\"f\",le=\"+Inf\"} 6\n", page, StringComparison.Ordinal);
        Assert.Contains("flotilla_job_waiting_seconds_count{function=\"f\"} 6\n", page, StringComparison.Ordinal);
    }

    [Fact]
    public void LabelsAreEscapedSoThatNoFunctionNameBreaksALine()
    {
        var telemetry = new JobServerTelemetry(new TelemetryOptions(), TimeProvider.System);
        Report(telemetry, JobServerEventKind.JobSubmitted, "a\"b\\c\nd", 0);
        Assert.Contains("flotilla_jobs_submitted_total{function=\"a\\\"b\\\\c\\nd\"} 1\n", Page(telemetry, Empty), StringComparison.Ordinal);
        Assert.All(Page(telemetry, Empty).TrimEnd('\n').Split('\n'), line => Assert.Matches(Line(), line));
    }

    [Fact]
    public void FunctionsBeyondTheLimitShareOneLabelInCountersAndGauges()
    {
        var telemetry = new JobServerTelemetry(new TelemetryOptions { MaxFunctions = 2 }, TimeProvider.System);
        for (var index = 0; index < 10; index++)
            Report(telemetry, JobServerEventKind.JobSubmitted, $"f{index}", index);
        var snapshot = new ServerSnapshot
        {
            Functions = [.. Enumerable.Range(0, 10).Select(index => new FunctionSnapshot { Name = $"f{index}", Index = index, Running = 1 })],
        };
        var page = Page(telemetry, snapshot);
        Assert.Contains("flotilla_jobs_submitted_total{function=\"__other__\"} 8\n", page, StringComparison.Ordinal);
        Assert.Contains("flotilla_jobs_running{function=\"__other__\"} 8\n", page, StringComparison.Ordinal);
        Assert.DoesNotContain("\"f2\"", page, StringComparison.Ordinal);
    }

    [Fact]
    public void AFunctionThatTakesADroppedOnesPlaceStartsAtZero()
    {
        var telemetry = new JobServerTelemetry(new TelemetryOptions(), TimeProvider.System);
        Report(telemetry, JobServerEventKind.JobSubmitted, "old", 3);
        Report(telemetry, JobServerEventKind.JobSubmitted, "new", 3);
        Assert.Equal([("new", 1L)], telemetry.Functions().Select(one => (one.Name, one.Count(JobServerEventKind.JobSubmitted))));
    }

    [Fact]
    public void AFunctionThatComesBackAtAnotherPlaceStaysOneSeries()
    {
        var telemetry = new JobServerTelemetry(new TelemetryOptions(), TimeProvider.System);
        Report(telemetry, JobServerEventKind.JobSubmitted, "f", 0);
        Report(telemetry, JobServerEventKind.JobSubmitted, "f", 1);
        Assert.Equal(2, Assert.Single(telemetry.Functions()).Count(JobServerEventKind.JobSubmitted));
    }

    [Fact]
    public void TrafficAndStoreAreCounted()
    {
        var time = new ManualTime();
        var telemetry = new JobServerTelemetry(new TelemetryOptions(), time);
        telemetry.ConnectionOpened();
        telemetry.ConnectionOpened();
        telemetry.ConnectionClosed();
        telemetry.BytesReceived(10);
        telemetry.BytesSent(20);
        telemetry.StoreCommitted(7, 700, TimeSpan.FromMilliseconds(3));
        telemetry.StoreFailed(1, "full");
        time.Advance(TimeSpan.FromSeconds(90));
        var page = Page(telemetry, Empty with { Jobs = 12 });
        string[] expected =
        [
            "flotilla_connections 1", "flotilla_connections_opened_total 2", "flotilla_received_bytes_total 10", "flotilla_sent_bytes_total 20",
            "flotilla_store_records_total 7", "flotilla_store_bytes_total 700", "flotilla_store_failures_total 1", "flotilla_uptime_seconds 90",
            "flotilla_store_commit_seconds_sum 0.003", "flotilla_store_batch_records_bucket{le=\"10\"} 1", "flotilla_jobs 12",
            "flotilla_build_info{version=\"1.2.3\"} 1",
        ];
        Assert.All(expected, line => Assert.Contains("\n" + line + "\n", page, StringComparison.Ordinal));
    }

    [Fact]
    public void CountingAllocatesNothing()
    {
        var telemetry = new JobServerTelemetry(new TelemetryOptions(), TimeProvider.System);
        for (var i = 0; i < 100; i++)
            Report(telemetry, JobServerEventKind.JobStarted, "f", 0, waitedMs: i);
        Assert.Equal(0, Allocations.Smallest(() =>
        {
            for (var i = 0; i < 1000; i++)
                telemetry.Report(new JobServerEvent { Kind = JobServerEventKind.JobStarted, Function = "f"u8, WaitedMs = i });
        }));
    }

    [Fact]
    public void TheMonitoringGuideListsExactlyTheMetricsThatAreWritten()
    {
        var telemetry = new JobServerTelemetry(new TelemetryOptions(), TimeProvider.System);
        Report(telemetry, JobServerEventKind.JobStarted, "f", 0);
        var page = Page(telemetry, Empty with { Functions = [new FunctionSnapshot { Name = "f", Index = 0 }] });
        var written = TypeLine().Matches(page).Select(match => $"{match.Groups["name"].Value} {match.Groups["type"].Value}").Order(StringComparer.Ordinal);
        var guide = File.ReadAllText(Repository.Combine("docs", "guides", "monitoring.md"));
        // Those of a cluster are its node's to write.
        var documented = GuideRow().Matches(guide).Where(match => !match.Groups["name"].Value.StartsWith("flotilla_cluster_", StringComparison.Ordinal)).Select(match => $"{match.Groups["name"].Value} {match.Groups["type"].Value}").Order(StringComparer.Ordinal);
        Assert.Equal(written, documented);
    }

    [Fact]
    public void TheMeterShowsTheSameCountersAndRecordsHistogramsOnlyForListeners()
    {
        var telemetry = new JobServerTelemetry(new TelemetryOptions(), TimeProvider.System);
        using var meter = new JobServerMeter(
            telemetry, () => new ServerSnapshot { Functions = [new FunctionSnapshot { Name = "f", Index = 0, Running = 4 }] });
        Dictionary<string, double> seen = [];
        using var listener = new MeterListener { InstrumentPublished = (instrument, to) => to.EnableMeasurementEvents(instrument) };
        listener.SetMeasurementEventCallback<long>((instrument, value, _, _) => seen[instrument.Name] = value);
        listener.SetMeasurementEventCallback<double>((instrument, value, _, _) => seen[instrument.Name] = value);
        listener.Start();
        foreach (IJobServerObserver observer in new IJobServerObserver[] { telemetry, meter })
        {
            Report(observer, JobServerEventKind.JobSubmitted, "f", 0);
            Report(observer, JobServerEventKind.JobStarted, "f", 0, waitedMs: 1500);
        }

        listener.RecordObservableInstruments();
        Assert.Equal(1, seen["flotilla.jobs.submitted"]);
        Assert.Equal(4, seen["flotilla.jobs.in_progress"]);
        Assert.Equal(1.5, seen["flotilla.job.waiting"]);
    }

    [Fact]
    public void AJobIsOneSpanFromSubmitToEnd()
    {
        var time = new ManualTime();
        using var activities = new JobActivities(new TelemetryOptions { MaxOpenSpans = 1 }, time);
        Report(activities, JobServerEventKind.JobSubmitted, "f", 0, job: 1);
        Assert.Equal(0, activities.OpenSpans);
        List<Activity> ended = [];
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == JobActivities.SourceName,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = ended.Add,
        };
        ActivitySource.AddActivityListener(listener);
        Report(activities, JobServerEventKind.JobSubmitted, "f", 0, job: 2);
        Report(activities, JobServerEventKind.JobSubmitted, "f", 0, job: 3);
        time.Advance(TimeSpan.FromSeconds(2));
        Report(activities, JobServerEventKind.JobStarted, "f", 0, job: 2);
        time.Advance(TimeSpan.FromSeconds(3));
        Report(activities, JobServerEventKind.JobFailed, "f", 0, job: 2);
        Report(activities, JobServerEventKind.JobCompleted, "f", 0, job: 3);
        var span = Assert.Single(ended);
        Assert.Equal(TimeSpan.FromSeconds(5), span.Duration);
        Assert.Equal("job f", span.DisplayName);
        Assert.Equal(ActivityStatusCode.Error, span.Status);
        Assert.Equal("started", Assert.Single(span.Events).Name);
        Assert.Null(Activity.Current);
    }

    internal static void Report(
        IJobServerObserver observer, JobServerEventKind kind, string function, int index, long waitedMs = 0, long ranMs = 0, ulong job = 1)
        => observer.Report(new JobServerEvent
        {
            Kind = kind,
            Function = Encoding.UTF8.GetBytes(function),
            FunctionIndex = index,
            WaitedMs = waitedMs,
            RanMs = ranMs,
            Job = new JobId(job),
        });

    private static string Page(JobServerTelemetry telemetry, ServerSnapshot snapshot)
    {
        var output = new ArrayBufferWriter<byte>();
        MetricsPage.Write(output, telemetry, snapshot, "1.2.3");
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }

    [GeneratedRegex(@"^(# (HELP|TYPE) flotilla_\w+ .+|flotilla_\w+(\{\w+=""([^""\\]|\\.)*""(,\w+=""([^""\\]|\\.)*"")*\})? [0-9.E+-]+)$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Line();

    [GeneratedRegex(@"^# TYPE (?<name>\w+) (?<type>\w+)$", RegexOptions.Multiline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex TypeLine();

    [GeneratedRegex(@"^\| `(?<name>flotilla_\w+)` \| (?<type>\w+) \|", RegexOptions.Multiline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex GuideRow();
}
