using System.Text;

namespace Flotilla.MySql;

/// <summary>Puts names and values into statements that cannot have parameters (CREATE USER, CHANGE MASTER TO).</summary>
public static class MySqlText
{
    /// <summary>A name in backticks.</summary>
    public static string Name(string name)
    {
        if (name.Length == 0 || name.Contains('\0'))
            throw new ArgumentException("a name must not be empty nor hold a zero byte", nameof(name));
        return $"`{name.Replace("`", "``", StringComparison.Ordinal)}`";
    }

    /// <summary>A text in quotes; right under utf8mb4, which our connections use. Prefer parameters.</summary>
    /// <param name="value">Null becomes NULL.</param>
    /// <param name="noBackslashEscapes">Whether the session's sql_mode has NO_BACKSLASH_ESCAPES; its connection's <c>Status</c> tells.</param>
    public static string Literal(string? value, bool noBackslashEscapes = false)
    {
        if (value is null)
            return "NULL";
        var text = new StringBuilder(value.Length + 2).Append('\'');
        foreach (var character in value)
        {
            switch (character)
            {
                case '\'':
                    text.Append("''");
                    break;
                case '\\' when !noBackslashEscapes:
                    text.Append("\\\\");
                    break;
                case '\0' when !noBackslashEscapes:
                    text.Append("\\0");
                    break;
                default:
                    text.Append(character);
                    break;
            }
        }

        return text.Append('\'').ToString();
    }

    /// <summary>Bytes as a hexadecimal literal.</summary>
    public static string Hex(ReadOnlySpan<byte> value) => $"X'{Convert.ToHexString(value)}'";
}
