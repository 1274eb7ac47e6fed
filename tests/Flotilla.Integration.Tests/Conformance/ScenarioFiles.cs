using Flotilla.TestSupport;

namespace Flotilla.Integration.Tests.Conformance;

/// <summary>Reads, and on request re-records, the files below Conformance/Scenarios.</summary>
internal static class ScenarioFiles
{
    public const string Heading = "== ";

    private static readonly Lazy<IReadOnlyList<Scenario>> Loaded = new(Load);

    public static string Folder { get; } = Repository.Combine("tests", "Flotilla.Integration.Tests", "Conformance", "Scenarios");

    public static IReadOnlyList<Scenario> All => Loaded.Value;

    public static TheoryData<string> Names => [.. All.Select(scenario => scenario.Name)];

    public static Scenario Named(string name) => All.Single(scenario => string.Equals(scenario.Name, name, StringComparison.Ordinal));

    /// <summary>Writes a transcript of C gearmand into the file in place of the one that stands there.</summary>
    public static void Record(Scenario scenario, IReadOnlyList<string> withComments)
    {
        var path = Path.Combine(Folder, scenario.File + ".txt");
        var lines = File.ReadAllLines(path).ToList();
        var start = lines.FindIndex(line => string.Equals(HeadingName(line), scenario.Name, StringComparison.Ordinal)) + 1;
        var end = lines.FindIndex(start, line => line.StartsWith(Heading, StringComparison.Ordinal));
        lines.RemoveRange(start, (end < 0 ? lines.Count : end) - start);
        lines.InsertRange(start, [.. withComments, .. end < 0 ? Array.Empty<string>() : [""]]);
        File.WriteAllLines(path, lines);
    }

    private static string? HeadingName(string line) =>
        line.StartsWith(Heading, StringComparison.Ordinal) ? line[Heading.Length..].Split(' ')[0] : null;

    private static List<Scenario> Load()
    {
        var scenarios = new List<Scenario>();
        foreach (var path in Directory.EnumerateFiles(Folder, "*.txt").Order(StringComparer.Ordinal))
        {
            List<string>? body = null;
            foreach (var line in File.ReadLines(path).Select(line => line.TrimEnd()))
            {
                if (HeadingName(line) is { } name)
                {
                    body = [];
                    scenarios.Add(new Scenario(Path.GetFileNameWithoutExtension(path), name, [.. line.Split(' ').Skip(2)], body));
                }
                else if (line.Length > 0)
                {
                    body?.Add(line);
                }
            }
        }

        return scenarios;
    }
}
