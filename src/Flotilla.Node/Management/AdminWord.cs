namespace Flotilla.Node.Management;

/// <summary>Names from requests on their way into text commands.</summary>
internal static class AdminWord
{
    /// <summary>Longer than any function or handle that the server accepts.</summary>
    private const int MaxChars = 4096;

    /// <summary>The name, if it can be one word of a text command; blanks and controls would make it several, or another command.</summary>
    /// <exception cref="BadRequestException">It can't.</exception>
    public static string Require(string? name, string what)
        => name is { Length: > 0 and <= MaxChars } && !name.Any(one => char.IsWhiteSpace(one) || char.IsControl(one))
            ? name
            : throw new BadRequestException($"{what} must be one word");
}
