namespace Flotilla.TestSupport;

/// <summary>Bytes kept as text: pairs of hexadecimal digits, white space ignored, lines that begin with <c>#</c> are comments.</summary>
public static class HexFile
{
    public static byte[] Read(string path) => Parse(File.ReadAllText(path));

    public static byte[] Parse(string text)
    {
        var digits = text.Split('\n')
            .Where(line => !line.StartsWith('#'))
            .SelectMany(line => line)
            .Where(character => !char.IsWhiteSpace(character));
        return Convert.FromHexString(string.Concat(digits));
    }

    public static void Write(string path, string comment, ReadOnlySpan<byte> bytes)
    {
        using var file = new StreamWriter(path);
        file.NewLine = "\n";
        foreach (var line in comment.Split('\n'))
            file.WriteLine("# " + line.TrimEnd());
        for (var at = 0; at < bytes.Length; at += 32)
            file.WriteLine(string.Join(' ', bytes[at..Math.Min(at + 32, bytes.Length)].ToArray().Select(value => value.ToString("x2"))));
    }

    /// <summary>All such files of a folder by name, in order; empty when there is no such folder.</summary>
    public static IReadOnlyList<(string Name, byte[] Bytes)> ReadAll(string folder)
        => Directory.Exists(folder)
            ? [.. Directory.GetFiles(folder, "*.hex").Order(StringComparer.Ordinal).Select(path => (Path.GetFileName(path), Read(path)))]
            : [];
}
