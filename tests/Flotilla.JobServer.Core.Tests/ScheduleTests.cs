using System.Globalization;
using System.Text;
using Flotilla.Gearman.Protocol;

namespace Flotilla.JobServer.Core.Tests;

/// <summary>SUBMIT_JOB_SCHED and cron.</summary>
public sealed class ScheduleTests
{
    private readonly Rig _rig = new();

    [Theory]
    [InlineData("* * * * *", "2023-11-14T22:13:20", "2023-11-14T22:14:00")]
    [InlineData("*/15 * * * *", "2023-11-14T22:15:00", "2023-11-14T22:30:00")]
    [InlineData("0 0 1 1 *", "2023-11-14T22:13:20", "2024-01-01T00:00:00")]
    [InlineData("0 12 29 2 *", "2023-11-14T22:13:20", "2024-02-29T12:00:00")]
    [InlineData("0 12 29 2 *", "2096-03-01T00:00:00", "2104-02-29T12:00:00")]
    [InlineData("30 6 * * 0", "2023-11-14T22:13:20", "2023-11-20T06:30:00")]
    [InlineData("30 6 * * 6", "2023-11-14T22:13:20", "2023-11-19T06:30:00")]
    [InlineData("0 9-17/4 * * 0-4", "2023-11-17T17:00:00", "2023-11-20T09:00:00")]
    [InlineData("5,10,55 23 * * *", "2023-11-14T23:10:59", "2023-11-14T23:55:00")]
    [InlineData("0 0 13 * 4", "2023-11-14T22:13:20", "2023-11-17T00:00:00")]
    [InlineData("0 0 31 * *", "2023-11-14T22:13:20", "2023-12-31T00:00:00")]
    [InlineData("59 23 31 12 *", "2023-12-31T23:59:00", "2024-12-31T23:59:00")]
    public void CronFindsTheNextMinute(string fields, string after, string expected)
    {
        Assert.True(CronSchedule.TryParse(Encoding.ASCII.GetBytes(fields), out var schedule));
        Assert.Equal(Ms(expected), schedule!.NextAfter(Ms(after)));
    }

    [Theory]
    [InlineData("60 * * * *")]
    [InlineData("* 24 * * *")]
    [InlineData("* * 0 * *")]
    [InlineData("* * * 13 *")]
    [InlineData("* * * * 7")]
    [InlineData("5-1 * * * *")]
    [InlineData("*/0 * * * *")]
    [InlineData("1, * * * *")]
    [InlineData("x * * * *")]
    [InlineData("* * * *")]
    [InlineData("* * * * * *")]
    [InlineData("0 0 30 2 *")]
    public void CronRefusesWhatItDoesNotUnderstandAndWhatNeverComes(string fields)
        => Assert.False(CronSchedule.TryParse(Encoding.ASCII.GetBytes(fields), out _));

    [Fact]
    [Trait("tier", "full")]
    public void AgainstABruteForceSearchEveryFieldAgrees()
    {
        var random = new Flotilla.Primitives.SeededRandom(7);
        for (var round = 0; round < 200; round++)
        {
            var text = $"{Field(random, 0, 59)} {Field(random, 0, 23)} {Field(random, 1, 28)} {Field(random, 1, 12)} {Field(random, 0, 6)}";
            Assert.True(CronSchedule.TryParse(Encoding.ASCII.GetBytes(text), out var schedule), text);
            var after = Ms("2024-01-01T00:00:00") + (random.Next(366 * 24 * 3600) * 1000L);
            var next = schedule!.NextAfter(after);
            var time = DateTimeOffset.FromUnixTimeMilliseconds((after / 60_000 * 60_000) + 60_000);
            var limit = time.AddDays(10);
            while (time < limit && !Matches(text, time))
                time = time.AddMinutes(1);
            if (time < limit)
                Assert.Equal((text, time.ToUnixTimeMilliseconds()), (text, next));
            else
                Assert.True(next >= limit.ToUnixTimeMilliseconds(), text);
        }
    }

    [Fact]
    public void AScheduleSubmitsItsJobAgainAndAgain()
    {
        var client = _rig.Connect();
        var worker = _rig.SleepingWorker("f");
        Assert.Equal("JobCreated H:t:1", client.Ask(PacketType.SubmitJobSched, "f", "", "*", "", "", "", "", "tick"));
        for (var i = 0; i < 3; i++)
        {
            _rig.Pass(60_000);
            Assert.Equal(["Noop"], worker.Received());
            worker.Send(PacketType.WorkComplete, worker.GrabHandle(), "");
            worker.Send(PacketType.PreSleep);
        }

        Assert.Equal("StatusRes H:t:1|1|0|0|0", client.Ask(PacketType.GetStatus, "H:t:1"));
        Assert.Equal("OK\r\n", client.Ask("cancel job H:t:1"));
        Assert.Equal(long.MaxValue, _rig.Machine.NextDeadlineMs);
        Assert.Equal(".\n", client.Ask("show schedules"));
    }

    [Fact]
    public void AScheduleWithAKeyDoesNotPileUpJobs()
    {
        var client = _rig.Connect();
        client.Ask(PacketType.SubmitJobSched, "f", "key", "*", "", "", "", "", "tick");
        _rig.Pass(600_000);
        Assert.Equal("f\t1\t0\t0\n.\n", client.Ask("status"));
    }

    [Fact]
    public void TheSameScheduleAgainReplacesTheOneBefore()
    {
        var client = _rig.Connect();
        client.Ask(PacketType.SubmitJobSched, "f", "key", "1", "", "", "", "", "old");
        client.Ask(PacketType.SubmitJobSched, "f", "key", "2", "", "", "", "", "new");
        client.Ask(PacketType.SubmitJobSched, "f", "other", "3", "", "", "", "", "x");
        var lines = client.Ask("show schedules").Split('\n');
        Assert.Equal(4, lines.Length);
        Assert.Contains("\"schedule\":\"2 * * * *\"", lines[0], StringComparison.Ordinal);
    }

    [Fact]
    public void ATimeJumpFiresOnce()
    {
        var client = _rig.Connect();
        client.Ask(PacketType.SubmitJobSched, "f", "", "*", "", "", "", "", "tick");
        _rig.Step(JobServerInput.Tick(_rig.NowMs + 86_400_000));
        Assert.Equal("f\t1\t0\t0\n.\n", client.Ask("status"));
    }

    [Fact]
    public void ASenselessScheduleIsAnError()
        => Assert.StartsWith(
            "Error INVALID_ARGUMENT|", _rig.Connect().Ask(PacketType.SubmitJobSched, "f", "", "61", "", "", "", "", "x"), StringComparison.Ordinal);

    [Fact]
    public void ADurableScheduleWaitsForTheStore()
    {
        var rig = new Rig(options => options with { IsDurable = true });
        var client = rig.Connect();
        client.Send(PacketType.SubmitJobSched, "f", "u", "*", "", "", "", "", "x");
        client.Send(PacketType.SubmitJobSched, "f", "v", "*", "", "", "", "", "x");
        Assert.Empty(client.Received());
        Assert.Equal(long.MaxValue, rig.Machine.NextDeadlineMs);
        rig.Commit(1);
        rig.FailStore();
        Assert.Equal(["JobCreated H:t:1", "Error QUEUE_ERROR|disk full"], client.Received());
        rig.Pass(60_000);
        Assert.Equal([StoredRecordKind.ScheduleFired, StoredRecordKind.JobAdded], rig.Effects.Stored[2..].Select(record => record.Kind));
        rig.Commit();
        Assert.NotNull(rig.Worker("f").Grab());
    }

    private static long Ms(string time)
        => DateTimeOffset.Parse(time, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal).ToUnixTimeMilliseconds();

    private static string Field(Flotilla.Primitives.SeededRandom random, int min, int max) => random.Next(5) switch
    {
        0 or 1 => "*",
        2 => $"{random.Next(min, max + 1)}",
        3 => $"*/{random.Next(1, 7)}",
        _ => $"{min}-{random.Next(min, max + 1)},{max}",
    };

    private static bool Matches(string text, DateTimeOffset time)
    {
        var fields = text.Split(' ');
        var weekday = ((int)time.DayOfWeek + 6) % 7;
        var byMonth = Has(fields[2], time.Day, 1, 31);
        var byWeek = Has(fields[4], weekday, 0, 6);
        var days = IsAny(fields[2], 1, 31) || IsAny(fields[4], 0, 6) ? byMonth && byWeek : byMonth || byWeek;
        return Has(fields[0], time.Minute, 0, 59) && Has(fields[1], time.Hour, 0, 23) && Has(fields[3], time.Month, 1, 12) && days;
    }

    private static bool IsAny(string field, int min, int max) => Enumerable.Range(min, max - min + 1).All(value => Has(field, value, min, max));

    private static bool Has(string field, int value, int min, int max) => field.Split(',').Any(item =>
    {
        var step = item.Split('/');
        var (first, last) = step[0] == "*" ? (min, max) : step[0].Contains('-', StringComparison.Ordinal)
            ? (int.Parse(step[0].Split('-')[0], CultureInfo.InvariantCulture), int.Parse(step[0].Split('-')[1], CultureInfo.InvariantCulture))
            : (int.Parse(step[0], CultureInfo.InvariantCulture), int.Parse(step[0], CultureInfo.InvariantCulture));
        return value >= first && value <= last && (value - first) % (step.Length > 1 ? int.Parse(step[1], CultureInfo.InvariantCulture) : 1) == 0;
    });
}
