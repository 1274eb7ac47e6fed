using System.Globalization;
using System.Text.RegularExpressions;

namespace Flotilla.Integration.Tests.Conformance;

/// <summary>Replaces what differs from run to run: handles by H1, H2... in order of appearance, pids, versions, descriptors.</summary>
internal sealed partial class Normaliser
{
    private const string ListEnd = "\".\\n\"";

    private readonly Dictionary<string, string> _labels = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _handles = new(StringComparer.Ordinal);

    /// <summary>The name of the connection that watches; its line in `workers` is left out.</summary>
    public const string Watcher = "watcher-of-the-suite";

    /// <summary>The handle that H1 stands for, wherever a step names it.</summary>
    public string Expand(string bytes) => Label().Replace(bytes, match => _handles.GetValueOrDefault(match.Value, match.Value));

    /// <summary>
    /// Received messages as the transcript shows them. The lines of a list answer are sorted: C gearmand lists functions in the
    /// order of its hash table and connections in that of its threads.
    /// </summary>
    public List<string> Normalise(List<string> messages)
    {
        var lines = messages.FindAll(message => !message.Contains(Watcher, StringComparison.Ordinal)).ConvertAll(NormaliseOne);
        for (int start = 0, at = 0; at < lines.Count; at++)
        {
            if (string.Equals(lines[at], ListEnd, StringComparison.Ordinal))
                lines.Sort(start, at - start, StringComparer.Ordinal);
            if (lines[at][0] != '"' || string.Equals(lines[at], ListEnd, StringComparison.Ordinal))
                start = at + 1;
        }

        return lines;
    }

    private string NormaliseOne(string message)
    {
        message = Handle().Replace(message, match => LabelOf(match.Value));
        message = Version().Replace(message, "\"OK {version}\\n\"");
        message = ProcessId().Replace(message, "\"OK {pid}\\n\"");
        return WorkerLine().Replace(message, "\"{fd} 127.0.0.1 ");
    }

    private string LabelOf(string handle)
    {
        if (handle.StartsWith("H:nowhere", StringComparison.Ordinal))
            return handle;
        if (_labels.TryGetValue(handle, out var label))
            return label;
        label = "H" + (_labels.Count + 1).ToString(CultureInfo.InvariantCulture);
        _labels.Add(handle, label);
        _handles.Add(label, handle);
        return label;
    }

    [GeneratedRegex(@"H:[A-Za-z0-9_.\-]+:[0-9]+", RegexOptions.NonBacktracking)]
    private static partial Regex Handle();

    [GeneratedRegex(@"\bH[0-9]+\b", RegexOptions.NonBacktracking)]
    private static partial Regex Label();

    [GeneratedRegex("^\"OK [0-9]+\\.[0-9]+[^ ]*\\\\n\"$", RegexOptions.NonBacktracking)]
    private static partial Regex Version();

    [GeneratedRegex("^\"OK [0-9]+\\\\n\"$", RegexOptions.NonBacktracking)]
    private static partial Regex ProcessId();

    [GeneratedRegex("^\"[0-9]+ 127\\.0\\.0\\.1 ", RegexOptions.NonBacktracking)]
    private static partial Regex WorkerLine();
}
