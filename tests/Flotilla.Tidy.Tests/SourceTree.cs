using System.Diagnostics;
using Flotilla.TestSupport;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Flotilla.Tidy.Tests;

/// <summary>The files that are, or are about to be, in the repository.</summary>
internal static class SourceTree
{
    private static readonly CSharpParseOptions Options = new(LanguageVersion.Preview);

    /// <summary>Paths relative to the root, with forward slashes.</summary>
    public static IReadOnlyList<string> Files { get; } = ListFiles();

    public static IEnumerable<string> CSharp(params string[] folders)
        => Files.Where(file => file.EndsWith(".cs", StringComparison.Ordinal)
            && folders.Any(folder => file.StartsWith(folder + "/", StringComparison.Ordinal)));

    public static string Read(string file) => File.ReadAllText(Repository.Combine(file));

    public static CompilationUnitSyntax Parse(string file)
        => (CompilationUnitSyntax)CSharpSyntaxTree.ParseText(Read(file), Options, file).GetRoot();

    /// <summary>Non-comment lines of a list file.</summary>
    public static IEnumerable<string> List(string file)
        => Read(file).Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0 && line[0] != '#');

    private static List<string> ListFiles()
    {
        var git = new ProcessStartInfo("git", "ls-files --cached --others --exclude-standard")
        {
            WorkingDirectory = Repository.Root,
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        using var process = Process.Start(git) ?? throw new InvalidOperationException("git did not start");
        var lines = process.StandardOutput.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        process.WaitForExit();
        return [.. lines.Where(line => File.Exists(Repository.Combine(line))).Distinct(StringComparer.Ordinal)];
    }
}
