using System.Text.RegularExpressions;

namespace Flotilla.Deployment;

/// <summary>A host by the name its worker goes by: letters, digits, dot, dash, underscore, up to 64; case counts.</summary>
public readonly partial record struct HostName
{
    private readonly string? _text;

    private HostName(string text) => _text = text;

    /// <exception cref="FormatException">It is no such name.</exception>
    public static HostName Parse(string text)
        => TryParse(text, out var name) ? name : throw new FormatException(
            $"'{text}' is no name for a host: letters, digits, '.', '-' and '_', beginning with a letter or digit, up to 64");

    public static bool TryParse(string? text, out HostName name)
    {
        name = text is not null && NameText().IsMatch(text) ? new HostName(text) : default;
        return name._text is not null;
    }

    public override string ToString() => _text ?? "";

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}\z", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex NameText();
}
