using Flotilla.JobServer.Core;
using Flotilla.JobServer.Telemetry;
using Microsoft.Extensions.Logging;

namespace Flotilla.JobServer.Tests.Telemetry;

public sealed class JobServerLogTests
{
    [Theory]
    [InlineData(0, LogLevel.Warning)]
    [InlineData(1, LogLevel.Information)]
    [InlineData(2, LogLevel.Debug)]
    [InlineData(9, LogLevel.Trace)]
    public void EachVAddsALevel(int count, LogLevel level) => Assert.Equal(level, Verbosity.ToLogLevel(count));

    [Fact]
    public void OrdinaryJobsAreLoggedOnlyInDetail()
    {
        var quiet = new Lines(LogLevel.Information);
        Tell(new JobServerLog(quiet, TimeProvider.System));
        Assert.Equal([1102, 1103, 1101], quiet.Ids);
        var loud = new Lines(LogLevel.Debug);
        Tell(new JobServerLog(loud, TimeProvider.System));
        Assert.Equal([1100, 1100, 1102, 1103, 1101], loud.Ids);
    }

    [Fact]
    public void AFullQueueIsOneLineNowAndThenWithACount()
    {
        var time = new ManualTime();
        var lines = new Lines(LogLevel.Information);
        var log = new JobServerLog(lines, time);
        for (var i = 0; i < 100; i++)
            MetricsTests.Report(log, JobServerEventKind.QueueOverLimit, "f", 0);
        Assert.Single(lines.Ids);
        time.Advance(TimeSpan.FromSeconds(11));
        MetricsTests.Report(log, JobServerEventKind.QueueOverLimit, "f", 0);
        Assert.Contains("100 jobs refused", lines.Texts[1], StringComparison.Ordinal);
    }

    [Fact]
    public void EachObserverIsCalledForTheKindsItWantsOnly()
    {
        var all = new Counting(ulong.MaxValue);
        var some = new Counting(JobServerObserver.MaskOf(JobServerEventKind.JobFailed));
        var observer = new JobServerObserver(all, some);
        MetricsTests.Report(observer, JobServerEventKind.JobSubmitted, "f", 0);
        MetricsTests.Report(observer, JobServerEventKind.JobFailed, "f", 0);
        Assert.Equal((2, 1), (all.Count, some.Count));
    }

    private static void Tell(JobServerLog log)
    {
        var observer = new JobServerObserver(log);
        MetricsTests.Report(observer, JobServerEventKind.JobSubmitted, "f", 0);
        MetricsTests.Report(observer, JobServerEventKind.JobCompleted, "f", 0);
        MetricsTests.Report(observer, JobServerEventKind.JobTimedOut, "f", 0);
        MetricsTests.Report(observer, JobServerEventKind.WorkerLost, "f", 0);
        MetricsTests.Report(observer, JobServerEventKind.JobBuried, "f", 0);
    }

    private sealed class Counting(ulong kinds) : IJobServerObserver
    {
        public int Count { get; private set; }

        public ulong Kinds => kinds;

        public void Report(in JobServerEvent happened) => Count++;
    }

    private sealed class Lines(LogLevel least) : ILogger
    {
        public List<int> Ids { get; } = [];

        public List<string> Texts { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull
            => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= least;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            Ids.Add(eventId.Id);
            Texts.Add(formatter(state, exception));
        }
    }
}
