using System.Text.RegularExpressions;
using Flotilla.TestSupport;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Flotilla.Tidy.Tests;

/// <summary>Rules of docs/STYLE.md that a compiler does not check.</summary>
public sealed partial class SourceRuleTests
{
    [Fact]
    public void EventIdsOfLogMessagesAreUnique()
    {
        var seen = new Dictionary<int, string>();
        var problems = new List<string>();
        foreach (var file in SourceTree.CSharp("src"))
        {
            foreach (var attribute in SourceTree.Parse(file).DescendantNodes().OfType<AttributeSyntax>().Where(a => a.Name.ToString() is "LoggerMessage"))
            {
                var text = attribute.ArgumentList?.ToString() ?? "";
                var match = EventId().Match(text);
                if (!match.Success)
                    problems.Add($"{file}: LoggerMessage without a literal event id: {text}");
                else if (!seen.TryAdd(int.Parse(match.Groups["id"].Value), file))
                    problems.Add($"{file}: event id {match.Groups["id"].Value} is also in {seen[int.Parse(match.Groups["id"].Value)]}");
            }
        }

        Assert.True(problems.Count == 0, string.Join('\n', problems));
    }

    [Fact]
    public void LogMessagesStandInOneLogFilePerProject()
    {
        var strays = SourceTree.CSharp("src").Where(file => Path.GetFileName(file) != "Log.cs"
            && SourceTree.Read(file).Contains("[LoggerMessage", StringComparison.Ordinal));
        Assert.Empty(strays);
        var perProject = SourceTree.CSharp("src").Where(file => Path.GetFileName(file) == "Log.cs").GroupBy(file => file.Split('/')[1], StringComparer.Ordinal);
        Assert.All(perProject, group => Assert.Single(group));
    }

    [Fact]
    public void OneTopLevelTypeStandsInAFileNamedAfterIt()
    {
        var problems = new List<string>();
        foreach (var file in SourceTree.CSharp("src"))
        {
            var types = SourceTree.Parse(file).DescendantNodes(node => node is CompilationUnitSyntax or BaseNamespaceDeclarationSyntax)
                .Where(node => node is BaseTypeDeclarationSyntax or DelegateDeclarationSyntax).ToList();
            if (types.Count > 1)
                problems.Add($"{file} holds {types.Count} types");
            var name = types.FirstOrDefault() switch
            {
                BaseTypeDeclarationSyntax type => type.Identifier.Text,
                DelegateDeclarationSyntax type => type.Identifier.Text,
                _ => null,
            };
            if (name is not null && !Path.GetFileName(file).StartsWith(name + ".", StringComparison.Ordinal))
                problems.Add($"{file} holds {name}");
        }

        Assert.True(problems.Count == 0, string.Join('\n', problems));
    }

    [Fact]
    public void UnsafeCodeStandsInFilesNamedSo()
    {
        var strays = SourceTree.CSharp("src").Where(file => !file.EndsWith(".Unsafe.cs", StringComparison.Ordinal)
            && SourceTree.Parse(file).DescendantTokens().Any(token => token.IsKind(SyntaxKind.UnsafeKeyword)));
        Assert.Empty(strays);
    }

    [Fact]
    public void NothingIsLeftForLater()
    {
        var problems = new List<string>();
        foreach (var file in SourceTree.Files.Where(IsText).Where(file => !file.StartsWith("tests/Flotilla.Tidy.Tests/", StringComparison.Ordinal)))
        {
            var number = 0;
            foreach (var line in SourceTree.Read(file).Split('\n'))
            {
                number++;
                if (Leftover().IsMatch(line))
                    problems.Add($"{file}:{number}: {line.Trim()}");
            }
        }

        Assert.True(problems.Count == 0, string.Join('\n', problems));
    }

    [Fact]
    public void LinksInDocumentsLeadSomewhere()
    {
        var problems = new List<string>();
        foreach (var file in SourceTree.Files.Where(file => file.EndsWith(".md", StringComparison.Ordinal)))
        {
            foreach (Match link in Link().Matches(SourceTree.Read(file)))
            {
                var target = link.Groups["target"].Value.Split('#')[0];
                if (target.Length == 0 || target.Contains("://", StringComparison.Ordinal))
                    continue;
                var path = Path.Combine(Repository.Root, Path.GetDirectoryName(file) ?? "", target);
                if (!File.Exists(path) && !Directory.Exists(path))
                    problems.Add($"{file} links to {target}, which is not there");
            }
        }

        Assert.True(problems.Count == 0, string.Join('\n', problems));
    }

    [Fact]
    public void EverySkippedTestIsNamedWithAReason()
        => Assert.All(SourceTree.List("tests/skips.txt"), line => Assert.Matches(@"^\S.* \| \S", line));

    private static bool IsText(string file)
        => Path.GetExtension(file) is ".cs" or ".csproj" or ".props" or ".targets" or ".md" or ".sh" or ".c" or ".php" or ".pl" or ".txt" or ".yml" or ".yaml" or ".json" or "";

    [GeneratedRegex(@"EventId\s*=\s*(?<id>\d+)|^\(\s*(?<id>\d+)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex EventId();

    // Unfinished work, and paths of somebody's machine.
    [GeneratedRegex(@"\bTODO\b|\bFIXME\b|\bXXX\b|NotImplementedException|[^\w./]/(home|root|work|mnt)/\w", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Leftover();

    [GeneratedRegex(@"\[[^\]]*\]\((?<target>[^)\s]+)\)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Link();
}
