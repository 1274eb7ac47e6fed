using Flotilla.Groups.Transport;
using Flotilla.TestSupport.Fuzz;

namespace Flotilla.Groups.Tests.Transport;

public sealed class FrameSplitterTests
{
    private const int Limit = 1000;

    [Fact]
    public void AFrameIsFoundOnlyWhenAllOfItIsThere()
    {
        var bytes = RawPeer.Frame(7, [1, 2, 3]);
        for (var length = 0; length < bytes.Length; length++)
        {
            Assert.False(FrameSplitter.TrySplit(bytes.AsSpan(0, length), Limit, out _, out var wanted));
            Assert.Equal(length < 4 ? 0 : bytes.Length, wanted);
        }

        Assert.True(FrameSplitter.TrySplit([.. bytes, 9, 9], Limit, out var frame, out var total));
        Assert.Equal([7, 1, 2, 3], frame.ToArray());
        Assert.Equal(bytes.Length, total);
    }

    [Theory]
    [InlineData(0u)]
    [InlineData(1001u)]
    [InlineData(uint.MaxValue)]
    public void AnImpossibleLengthIsKnownAtOnce(uint length)
    {
        Assert.False(FrameSplitter.TrySplit(BitConverter.GetBytes(length), Limit, out _, out var total));
        Assert.Equal(-1, total);
    }

    [Fact]
    public void FuzzedBytesAreSplitWithoutALoss()
        => Fuzzer.Run(
            "groups-frames",
            [[.. RawPeer.Frame(7, [1, 2, 3]), .. RawPeer.Frame(8, [])], RawPeer.Frame(1, new byte[900])],
            input =>
            {
                var at = 0;
                while (FrameSplitter.TrySplit(input[at..], Limit, out var frame, out var total))
                {
                    if (frame.Length != total - 4 || frame.Length is 0 or > Limit || !frame.SequenceEqual(input.Slice(at + 4, frame.Length)))
                        throw new InvalidOperationException("a frame is not what was sent");
                    at += total;
                }
            },
            new FuzzOptions { Inputs = 300_000, Budget = TimeSpan.FromSeconds(3) });
}
