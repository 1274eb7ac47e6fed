using System.Globalization;

namespace Flotilla.Simulator;

/// <summary>What the command line asks for.</summary>
internal sealed record Arguments
{
    public const string Usage = """
        usage: simulator [--cluster] --seed N [--count M] [--threads T] [--trace] [--shrink] [--planted BUG] [--mask 1,2,...] [--hashes]
          --cluster     seeds of clusters of database servers, not of groups
          --seed N      the first seed
          --count M     how many seeds from there (1)
          --threads T   seeds at a time (2)
          --trace       the whole trace, not only its end
          --tell        what nodes report is in the trace too
          --shrink      leave out faults of a failing seed as long as it fails
          --planted BUG with a bug of PlantedBug.cs in the core
          --mask LIST   faults of the plan to leave out
          --hashes      one line per seed: seed and effect hash; nothing is held against the promises
        """;

    public ulong Seed { get; private init; }

    public int Count { get; private init; } = 1;

    public int Threads { get; private init; } = 2;

    public bool IsCluster { get; private init; }

    public bool ShowsTrace { get; private init; }

    public bool Tells { get; private init; }

    public bool Shrinks { get; private init; }

    public bool PrintsHashes { get; private init; }

    public string? PlantedBug { get; private init; }

    public IReadOnlySet<int> Mask { get; private init; } = new HashSet<int>();

    /// <summary>Null for words that make no sense.</summary>
    public static Arguments? Read(string[] words)
    {
        var read = new Arguments();
        for (var i = 0; i < words.Length; i++)
        {
            var value = i + 1 < words.Length ? words[i + 1] : "";
            switch (words[i])
            {
                case "--cluster":
                    read = read with { IsCluster = true };
                    continue;
                case "--trace":
                    read = read with { ShowsTrace = true };
                    continue;
                case "--tell":
                    read = read with { Tells = true };
                    continue;
                case "--shrink":
                    read = read with { Shrinks = true };
                    continue;
                case "--hashes":
                    read = read with { PrintsHashes = true };
                    continue;
                case "--seed" when ulong.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var seed):
                    read = read with { Seed = seed };
                    break;
                case "--count" when int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var count):
                    read = read with { Count = count };
                    break;
                case "--threads" when int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var threads):
                    read = read with { Threads = threads };
                    break;
                case "--planted" when value.Length > 0:
                    read = read with { PlantedBug = value };
                    break;
                case "--mask" when value.Length > 0:
                    read = read with { Mask = value.Split(',').Select(number => int.Parse(number, CultureInfo.InvariantCulture)).ToHashSet() };
                    break;
                default:
                    return null;
            }

            i++;
        }

        return words.Length == 0 ? null : read;
    }
}
