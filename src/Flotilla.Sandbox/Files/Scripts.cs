using System.Reflection;

namespace Flotilla.Sandbox;

/// <summary>The shell scripts that come with us and are copied into sandboxes as they are.</summary>
internal static class Scripts
{
    private static readonly Assembly Own = typeof(Scripts).Assembly;

    /// <summary>Scripts of one server.</summary>
    public static IReadOnlyList<string> Node { get; } = Names("node");

    /// <summary>Scripts of a group of servers.</summary>
    public static IReadOnlyList<string> Group { get; } = Names("group");

    public static string Read(string kind, string name)
    {
        using var stream = Own.GetManifestResourceStream($"Scripts/{kind}/{name}") ?? throw new InvalidOperationException($"no script {kind}/{name}");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    /// <summary>A word of shell that stands for the text, whatever is in it.</summary>
    public static string Quote(string text) => $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";

    private static string[] Names(string kind)
        => [.. Own.GetManifestResourceNames().Where(name => name.StartsWith($"Scripts/{kind}/", StringComparison.Ordinal)).Select(name => name[(name.LastIndexOf('/') + 1)..])];
}
