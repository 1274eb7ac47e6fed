using Flotilla.Cli.Commands;

namespace Flotilla.Cli.Tests.Commands;

public sealed class ValuesTests
{
    [Theory]
    [InlineData("500ms", 500)]
    [InlineData("5s", 5000)]
    [InlineData("1.5m", 90_000)]
    [InlineData("2h", 7_200_000)]
    [InlineData("1d", 86_400_000)]
    [InlineData("3", 3000)]
    public void DurationsAreRead(string text, double milliseconds)
    {
        Assert.True(Values.TryDuration(text, out var duration));
        Assert.Equal(milliseconds, duration.TotalMilliseconds);
    }

    [Theory]
    [InlineData("")]
    [InlineData("s")]
    [InlineData("-5s")]
    [InlineData("5q")]
    [InlineData("1e99s")]
    public void OtherWordsAreNoDurations(string text) => Assert.False(Values.TryDuration(text, out _));

    [Theory]
    [InlineData("4096", 4096)]
    [InlineData("16KiB", 16384)]
    [InlineData("64m", 67108864)]
    [InlineData("2GB", 2_000_000_000)]
    public void SizesAreRead(string text, long bytes)
    {
        Assert.True(Values.TrySize(text, out var size));
        Assert.Equal(bytes, size);
    }

    [Theory]
    [InlineData("")]
    [InlineData("-1")]
    [InlineData("1.5M")]
    [InlineData("99999999999999999G")]
    public void OtherWordsAreNoSizes(string text) => Assert.False(Values.TrySize(text, out _));

    [Theory]
    [InlineData("18:30", "2030-05-06T18:30:00+02:00")]
    [InlineData("08:30:15", "2030-05-07T08:30:15+02:00")]
    [InlineData("2031-01-31T18:30Z", "2031-01-31T18:30:00+00:00")]
    [InlineData("@1893456000.5", "2030-01-01T00:00:00.500+00:00")]
    public void MomentsAreRead(string text, string moment)
    {
        Assert.True(Values.TryMoment(text, DateTimeOffset.Parse("2030-05-06T12:00:00+02:00"), out var read));
        Assert.Equal(DateTimeOffset.Parse(moment), read);
    }

    [Theory]
    [InlineData("soon")]
    [InlineData("25:00")]
    [InlineData("@")]
    public void OtherWordsAreNoMoments(string text) => Assert.False(Values.TryMoment(text, DateTimeOffset.UnixEpoch, out _));
}
