using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Flotilla.Tidy.Tests;

/// <summary>Files up to 500 lines, methods up to 70. An offender is listed in ratchet.txt with its size and may only shrink.</summary>
public sealed class SizeTests
{
    private const int FileLinesMax = 500;
    private const int MethodLinesMax = 70;
    private const string Ratchet = "tests/Flotilla.Tidy.Tests/ratchet.txt";

    [Fact]
    public void FilesAndMethodsAreShortOrListedAndShrinking()
    {
        var found = new SortedDictionary<string, int>(StringComparer.Ordinal);
        foreach (var file in SourceTree.CSharp("src", "tests", "benchmarks", "samples"))
        {
            var lines = SourceTree.Read(file).Count(c => c == '\n');
            if (lines > FileLinesMax)
                found[file] = lines;
            foreach (var (name, length) in Methods(file).Where(method => method.Lines > MethodLinesMax))
                found[$"{file}#{name}"] = length;
        }

        var allowed = SourceTree.List(Ratchet).Select(line => line.Split(' ')).ToDictionary(parts => parts[0], parts => int.Parse(parts[1]), StringComparer.Ordinal);
        var problems = new List<string>();
        foreach (var (what, lines) in found)
        {
            if (!allowed.TryGetValue(what, out var limit))
                problems.Add($"{what} has {lines} lines: split it");
            else if (lines > limit)
                problems.Add($"{what} grew from {limit} to {lines} lines: split it");
            else if (lines < limit)
                problems.Add($"{what} shrank from {limit} to {lines} lines: lower its line in {Ratchet}");
        }

        problems.AddRange(allowed.Keys.Where(what => !found.ContainsKey(what)).Select(what => $"{what} is short or gone: remove its line from {Ratchet}"));
        Assert.True(problems.Count == 0, string.Join('\n', problems));
    }

    private static IEnumerable<(string Name, int Lines)> Methods(string file)
    {
        foreach (var node in SourceTree.Parse(file).DescendantNodes())
        {
            var name = node switch
            {
                MethodDeclarationSyntax method => method.Identifier.Text,
                ConstructorDeclarationSyntax constructor => constructor.Identifier.Text,
                LocalFunctionStatementSyntax local => local.Identifier.Text,
                OperatorDeclarationSyntax => "operator",
                AccessorDeclarationSyntax { Parent.Parent: PropertyDeclarationSyntax property } accessor => $"{property.Identifier.Text}.{accessor.Keyword.Text}",
                _ => null,
            };
            if (name is null)
                continue;
            var span = node.GetLocation().GetLineSpan();
            yield return (name, span.EndLinePosition.Line - span.StartLinePosition.Line + 1);
        }
    }
}
