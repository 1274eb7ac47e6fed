using Flotilla.JobServer.Hosting;

namespace Flotilla.JobServer.Tests.Server;

/// <summary>Time as the machine sees it while somebody sets the machine's clock.</summary>
public sealed class ServerClockTests
{
    private readonly SettableTime _time = new();
    private readonly ServerClock _clock;
    private readonly long _startedMs;

    public ServerClockTests()
    {
        _clock = new ServerClock(_time);
        _startedMs = _clock.NowMs();
    }

    [Fact]
    public void FollowsTheWallClockWhileNobodySetsIt()
    {
        _time.Pass(12_345);
        Assert.Equal(_startedMs + 12_345, _clock.NowMs());
    }

    [Theory]
    [InlineData(3_600_000)]
    [InlineData(-3_600_000)]
    public void ASteppedClockMovesNoDeadlineAtOnceButIsCaughtUpWith(long stepMs)
    {
        _time.Step(stepMs);
        Assert.Equal(_startedMs, _clock.NowMs());
        _time.Pass(1000);
        Assert.InRange(_clock.NowMs(), _startedMs + 750, _startedMs + 1250);
        var before = _clock.NowMs();
        for (var minute = 0; minute < 5 * 60; minute++)
        {
            _time.Pass(60_000);
            Assert.True(_clock.NowMs() > before);
            before = _clock.NowMs();
        }

        Assert.InRange(_clock.NowMs(), _time.GetUtcNow().ToUnixTimeMilliseconds() - 20, _time.GetUtcNow().ToUnixTimeMilliseconds() + 20);
    }

    private sealed class SettableTime : TimeProvider
    {
        private DateTimeOffset _wall = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);
        private long _passedTicks;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override DateTimeOffset GetUtcNow() => _wall;

        public override long GetTimestamp() => _passedTicks;

        public void Step(long stepMs) => _wall += TimeSpan.FromMilliseconds(stepMs);

        public void Pass(long passedMs)
        {
            _wall += TimeSpan.FromMilliseconds(passedMs);
            _passedTicks += passedMs * TimeSpan.TicksPerMillisecond;
        }
    }
}
