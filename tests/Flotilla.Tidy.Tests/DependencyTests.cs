using System.Text.RegularExpressions;
using System.Xml.Linq;
using Flotilla.TestSupport;

namespace Flotilla.Tidy.Tests;

/// <summary>The table of projects in docs/ARCHITECTURE.md is what the project files say, and edges go one way.</summary>
public sealed partial class DependencyTests
{
    [Fact]
    public void ProjectReferencesAreThoseOfTheArchitectureTable()
    {
        var table = ReadTable();
        var problems = new List<string>();
        var projects = SourceTree.Files.Where(file => file.StartsWith("src/", StringComparison.Ordinal) && file.EndsWith(".csproj", StringComparison.Ordinal)).ToList();
        Assert.NotEmpty(projects);
        foreach (var file in projects)
        {
            var name = Path.GetFileNameWithoutExtension(file);
            if (!table.TryGetValue(name, out var allowed))
            {
                problems.Add($"{name} is not in the table of docs/ARCHITECTURE.md");
                continue;
            }

            var references = References(file);
            problems.AddRange(references.Except(allowed, StringComparer.Ordinal).Select(extra => $"{name} refers to {extra}, which the table does not allow"));
            problems.AddRange(allowed.Except(references, StringComparer.Ordinal).Select(missing => $"{name} does not refer to {missing}, but the table says it does"));
        }

        problems.AddRange(table.Keys.Except(projects.Select(file => Path.GetFileNameWithoutExtension(file)!), StringComparer.Ordinal).Select(gone => $"{gone} is in the table but not in src/"));
        Assert.True(problems.Count == 0, string.Join('\n', problems));
    }

    [Fact]
    public void ProjectsReachableFromACoreArePure()
    {
        var pending = new Queue<string>(SourceTree.Files.Where(file => file.EndsWith(".Core.csproj", StringComparison.Ordinal)));
        Assert.NotEmpty(pending);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        while (pending.TryDequeue(out var file))
        {
            if (!seen.Add(file))
                continue;
            Assert.True(SourceTree.Read(file).Contains("<FlotillaPure>true</FlotillaPure>", StringComparison.Ordinal), $"{file} is reachable from a core and must set FlotillaPure");
            foreach (var reference in References(file))
                pending.Enqueue($"src/{reference}/{reference}.csproj");
        }
    }

    [Fact]
    public void TwoCoresNeverSeeEachOther()
    {
        foreach (var file in SourceTree.Files.Where(file => file.EndsWith(".Core.csproj", StringComparison.Ordinal)))
            Assert.DoesNotContain(References(file), reference => reference.EndsWith(".Core", StringComparison.Ordinal));
    }

    [Fact]
    public void EveryProjectIsInTheSolution()
    {
        var solution = SourceTree.Read("Flotilla.slnx");
        foreach (var file in SourceTree.Files.Where(file => file.EndsWith(".csproj", StringComparison.Ordinal)))
            Assert.True(solution.Contains($"Path=\"{file}\"", StringComparison.Ordinal), $"{file} is missing in Flotilla.slnx");
    }

    [Fact]
    public void EverySourceProjectHasATestProject()
    {
        foreach (var file in SourceTree.Files.Where(file => file.StartsWith("src/", StringComparison.Ordinal) && file.EndsWith(".csproj", StringComparison.Ordinal)))
        {
            var name = Path.GetFileNameWithoutExtension(file);
            Assert.True(File.Exists(Repository.Combine("tests", $"{name}.Tests", $"{name}.Tests.csproj")), $"{name} has no test project");
        }
    }

    private static Dictionary<string, List<string>> ReadTable()
    {
        var table = new Dictionary<string, List<string>>(StringComparer.Ordinal);
        foreach (Match row in TableRow().Matches(SourceTree.Read("docs/ARCHITECTURE.md")))
        {
            var uses = row.Groups["uses"].Value.Trim();
            table[row.Groups["name"].Value] = uses is "nothing" ? [] : [.. uses.Split(", ").Select(use => "Flotilla." + use)];
        }

        Assert.NotEmpty(table);
        return table;
    }

    private static List<string> References(string file)
        => [.. XDocument.Load(Repository.Combine(file)).Descendants("ProjectReference")
            .Select(reference => Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value.Replace('\\', '/')))];

    [GeneratedRegex(@"^\| `(?<name>Flotilla\.[\w.]+)` \|[^|]*\| (?<uses>[^|]+) \|$", RegexOptions.Multiline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex TableRow();
}
