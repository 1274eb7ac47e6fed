using System.Text.RegularExpressions;

namespace Flotilla.Integration.Tests.Conformance;

/// <summary>One scenario of a scenario file: its steps, and between them what C gearmand answered.</summary>
/// <param name="File">The file's name without its extension.</param>
/// <param name="Name">What the scenario shows, as words joined by dashes; unique over all files.</param>
/// <param name="Arguments">Command-line arguments of the server, gearmand's spelling.</param>
/// <param name="Lines">Steps and expected answers, in order, comments included.</param>
internal sealed partial record Scenario(string File, string Name, IReadOnlyList<string> Arguments, IReadOnlyList<string> Lines)
{
    /// <summary>Steps alone: what is done to a server. Answers look like `a&lt; ...`.</summary>
    public IEnumerable<string> Steps => Lines.Where(line => !IsAnswer(line));

    /// <summary>The transcript that C gearmand gives.</summary>
    public IReadOnlyList<string> Expected => [.. Lines.Where(line => !line.StartsWith('#'))];

    public static bool IsAnswer(string line) => Answer().IsMatch(line);

    [GeneratedRegex("^[a-z]+[0-9]*< ", RegexOptions.NonBacktracking)]
    private static partial Regex Answer();
}
