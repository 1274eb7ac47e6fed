using Flotilla.JobServer.Core;
using Flotilla.Node.Results;

namespace Flotilla.Node.Tests;

public sealed class ResultCacheTests
{
    private readonly SteppedTime _time = new();

    [Fact]
    public void OnlyEndsOfBackgroundJobsAreKept()
    {
        var cache = new ResultCache(new ResultCacheOptions(), _time);
        End(cache, 1, "r"u8, isBackground: false);
        cache.Report(new JobServerEvent { Kind = JobServerEventKind.JobStarted, Job = new JobId(2), IsBackground = true });
        End(cache, 3, "r"u8);
        Assert.Equal(1, cache.Count);
        Assert.True(cache.TryGet(new JobId(3), out var kept));
        Assert.Equal("r"u8.ToArray(), kept.Data);
    }

    [Fact]
    public void TheOldestAreForgottenFirstByNumberByBytesAndByAge()
    {
        var byNumber = new ResultCache(new ResultCacheOptions { MaxResults = 2 }, _time);
        var byBytes = new ResultCache(new ResultCacheOptions { MaxBytes = 2500 }, _time);
        for (ulong job = 1; job <= 3; job++)
        {
            End(byNumber, job, "r"u8);
            End(byBytes, job, new byte[1000]);
        }

        Assert.False(byNumber.TryGet(new JobId(1), out _));
        Assert.True(byNumber.TryGet(new JobId(2), out _));
        Assert.False(byBytes.TryGet(new JobId(1), out _));
        Assert.True(byBytes.TryGet(new JobId(3), out _));
        _time.Now += TimeSpan.FromMinutes(11);
        Assert.False(byNumber.TryGet(new JobId(3), out _));
        Assert.Equal(0, byNumber.Count);
    }

    [Fact]
    public void ALargeResultIsRememberedWithoutItsBytes()
    {
        var cache = new ResultCache(new ResultCacheOptions { MaxResultBytes = 10 }, _time);
        End(cache, 1, new byte[11]);
        Assert.True(cache.TryGet(new JobId(1), out var kept));
        Assert.Null(kept.Data);
        Assert.Equal(11, kept.LengthBytes);
    }

    [Fact]
    public void AJobThatFailedAndWasBuriedIsOneEntryWithItsException()
    {
        var cache = new ResultCache(new ResultCacheOptions(), _time);
        End(cache, 1, "why"u8, JobServerEventKind.JobFailed);
        End(cache, 1, default, JobServerEventKind.JobBuried);
        Assert.Equal(1, cache.Count);
        Assert.True(cache.TryGet(new JobId(1), out var kept));
        Assert.Equal(JobServerEventKind.JobBuried, kept.Outcome);
        Assert.Equal("why"u8.ToArray(), kept.Data);
    }

    private static void End(
        ResultCache cache, ulong job, ReadOnlySpan<byte> result, JobServerEventKind kind = JobServerEventKind.JobCompleted, bool isBackground = true)
        => cache.Report(new JobServerEvent { Kind = kind, Job = new JobId(job), IsBackground = isBackground, Function = "f"u8, Result = result });

    private sealed class SteppedTime : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = DateTimeOffset.UnixEpoch;

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
