namespace Flotilla.Cluster.Core;

/// <summary>A database server's name, unique in its cluster: 1 to 64 of a-z, 0-9, '-', '.' and '_'. It stays when the address changes.</summary>
public readonly record struct ServerName : IComparable<ServerName>
{
    public const int LengthMax = 64;

    private readonly string? _text;

    public ServerName(string text)
    {
        if (!IsValid(text))
            throw new FormatException($"'{text}' is no name of a server: 1 to {LengthMax} of a-z, 0-9, '-', '.' and '_' are");
        _text = text;
    }

    public static bool IsValid(string? text)
        => text is { Length: > 0 and <= LengthMax } && text.All(letter => char.IsAsciiLetterLower(letter) || char.IsAsciiDigit(letter) || letter is '-' or '.' or '_');

    public int CompareTo(ServerName other) => string.CompareOrdinal(ToString(), other.ToString());

    public override string ToString() => _text ?? "";

    public static bool operator <(ServerName left, ServerName right) => left.CompareTo(right) < 0;

    public static bool operator <=(ServerName left, ServerName right) => left.CompareTo(right) <= 0;

    public static bool operator >(ServerName left, ServerName right) => left.CompareTo(right) > 0;

    public static bool operator >=(ServerName left, ServerName right) => left.CompareTo(right) >= 0;
}
