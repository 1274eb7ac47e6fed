using System.Text;

namespace Flotilla.Gearman.Protocol.Tests;

public sealed class AsciiNumberTests
{
    [Theory]
    [InlineData("0", 0UL)]
    [InlineData("007", 7UL)]
    [InlineData("18446744073709551615", ulong.MaxValue)]
    public void DigitsAreANumber(string text, ulong expected)
    {
        Assert.True(AsciiNumber.TryParse(Encoding.ASCII.GetBytes(text), out var value));
        Assert.Equal(expected, value);
    }

    [Theory]
    [InlineData("")]
    [InlineData("18446744073709551616")]
    [InlineData("99999999999999999999")]
    [InlineData("000000000000000000001")]
    [InlineData("-1")]
    [InlineData(" 1")]
    [InlineData("1x")]
    public void AnythingElseIsNone(string text) => Assert.False(AsciiNumber.TryParse(Encoding.ASCII.GetBytes(text), out _));

    [Theory]
    [InlineData("12abc", 12L)]
    [InlineData("  +12", 12L)]
    [InlineData("-12", -12L)]
    [InlineData("- 12", 0L)]
    [InlineData("abc", 0L)]
    [InlineData("9223372036854775807", long.MaxValue)]
    [InlineData("9223372036854775808", long.MaxValue)]
    [InlineData("-9223372036854775809", long.MinValue)]
    public void LeadingReadsWhatAtoiReads(string text, long expected) => Assert.Equal(expected, AsciiNumber.Leading(Encoding.ASCII.GetBytes(text)));

    [Fact]
    public void TheLongestNumberFits()
    {
        Span<byte> target = stackalloc byte[AsciiNumber.MaxBytes];
        Assert.Equal(20, AsciiNumber.Format(target, ulong.MaxValue));
        Assert.Equal("18446744073709551615", Encoding.ASCII.GetString(target));
    }
}
