using Flotilla.TestSupport.Fuzz;

namespace Flotilla.Gearman.Protocol.Tests;

/// <summary>The harness must find what it is there to find.</summary>
public sealed class FuzzerTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("fuzz").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void ACrashIsSavedAndFoundAgainByItsSeed()
    {
        static void ThrowsOnNine(ReadOnlySpan<byte> input) => Assert.True(input.IndexOf((byte)9) < 0, "a nine");
        var first = Assert.Throws<FuzzCrashException>(() => Fuzzer.Run("nine", [[1, 2, 3]], ThrowsOnNine, Options()));
        var (file, bytes) = Assert.Single(HexFile.ReadAll(_folder));
        Assert.Contains(file, first.Message, StringComparison.Ordinal);
        Assert.Contains((byte)9, bytes);
        var second = Assert.Throws<FuzzCrashException>(() => Fuzzer.Run("nine", [[1, 2, 3]], ThrowsOnNine, Options()));
        Assert.Equal(first.Message, second.Message);
    }

    [Fact]
    [Trait("tier", "full")]
    public void AnInputThatHangsTheTargetIsSaved()
    {
        static void Hangs(ReadOnlySpan<byte> input)
        {
            while (input.Length > 3)
                Thread.Sleep(1);
        }

        var options = Options() with { Stall = TimeSpan.FromSeconds(2) };
        var crash = Assert.Throws<FuzzCrashException>(() => Fuzzer.Run("hang", [[1, 2, 3]], Hangs, options));
        Assert.Contains("hung", crash.Message, StringComparison.Ordinal);
        Assert.True(Assert.Single(HexFile.ReadAll(_folder)).Bytes.Length > 3);
    }

    [Fact]
    public void AnInputThatMakesTheTargetReserveMemoryIsACrash()
    {
        static void Reserves(ReadOnlySpan<byte> input) => GC.KeepAlive(new byte[input.Length > 3 ? 2_000_000 : 1]);
        var crash = Assert.Throws<FuzzCrashException>(() => Fuzzer.Run("memory", [[1, 2, 3]], Reserves, Options()));
        Assert.Contains("allocate", crash.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void InputsAreOfAllLengthsUpToTheLimitAndTheSameForASeed()
    {
        var lengths = new HashSet<int>();
        var sums = new List<long>();
        for (var round = 0; round < 2; round++)
        {
            var sum = 0L;
            var report = Fuzzer.Run("lengths", [new byte[40], new byte[3]], Count, Options() with { Inputs = 50_000, MaxInputBytes = 64 });
            Assert.Equal(50_000, report.Inputs);
            sums.Add(sum);

            void Count(ReadOnlySpan<byte> input)
            {
                lengths.Add(input.Length);
                foreach (var value in input)
                    sum = (sum * 31) + value;
            }
        }

        Assert.Equal(sums[0], sums[1]);
        Assert.Equal(Enumerable.Range(0, 65), lengths.Order());
    }

    private FuzzOptions Options() => new() { CrashFolder = _folder, Inputs = 200_000, Seed = 42, FollowsEnvironment = false };
}
