using Flotilla.TestSupport;

namespace Flotilla.Integration.Tests.Conformance;

/// <summary>
/// Reads allowed-differences.txt. A heading `== item scenario`, the reason as a comment, then the step and its two
/// answers as a failing test prints them.
/// </summary>
internal static class AllowedDifferences
{
    private static readonly Lazy<IReadOnlyList<AllowedDifference>> Loaded = new(Load);

    public static IReadOnlyList<AllowedDifference> All => Loaded.Value;

    private static List<AllowedDifference> Load()
    {
        var path = Repository.Combine("tests", "Flotilla.Integration.Tests", "Conformance", "allowed-differences.txt");
        var differences = new List<AllowedDifference>();
        foreach (var block in File.ReadAllText(path).Split("\n== ").Skip(1))
        {
            var lines = block.Split('\n');
            var words = lines[0].Split(' ');
            var changed = lines.Skip(1).Select(line => line.TrimEnd()).Where(line => line.Length > 2 && line[1] == ' ' && line[0] is '@' or '-' or '+');
            differences.Add(new AllowedDifference(words[0], words[1], string.Join('\n', changed)));
        }

        return differences;
    }
}
