using System.Globalization;

namespace Flotilla.Cli.Gearmand;

/// <summary>
/// Reads words as gearmand does: long and short options with values behind a space, an equal sign or nothing, letters of flags in one
/// word; no abbreviation, nothing twice. Stops at the first word that is wrong.
/// </summary>
internal sealed class GearmandWords
{
    private readonly Dictionary<string, string> _values = new(StringComparer.Ordinal);
    private readonly List<string> _strays = [];

    /// <summary>The first thing wrong, in gearmand's own words; null while all is well.</summary>
    public string? Error { get; private set; }

    /// <summary>Words that are no option.</summary>
    public IReadOnlyList<string> Strays => _strays;

    public bool Has(string name) => _values.ContainsKey(name);

    public string? Value(string name) => _values.GetValueOrDefault(name);

    public static GearmandWords Read(IReadOnlyList<string> words)
    {
        var read = new GearmandWords();
        var onlyStrays = false;
        for (var at = 0; at < words.Count && read.Error is null; at++)
        {
            var word = words[at];
            if (onlyStrays || !word.StartsWith('-') || word == "-")
                read._strays.Add(word);
            else if (word == "--")
                onlyStrays = true;
            else if (word.StartsWith("--", StringComparison.Ordinal))
                read.TakeLong(word, words, ref at);
            else
                read.TakeShort(word, words, ref at);
        }

        return read;
    }

    /// <summary>Takes over what the other has and this one has not.</summary>
    public void AddMissing(GearmandWords other)
    {
        foreach (var (name, value) in other._values)
            _values.TryAdd(name, value);
    }

    private void TakeLong(string word, IReadOnlyList<string> words, ref int at)
    {
        var equals = word.IndexOf('=');
        var name = equals < 0 ? word[2..] : word[2..equals];
        if (GearmandOptionTable.ByName(name) is not { } option)
            Error = $"unrecognised option '{word}'";
        else if (option.Kind == GearmandValueKind.Flag && equals >= 0)
            Error = $"option '--{name}' does not take any arguments";
        else if (option.Kind == GearmandValueKind.Flag)
            Set(option, "");
        else if (equals == word.Length - 1)
            Error = $"the argument for option '--{name}' should follow immediately after the equal sign";
        else if (equals >= 0)
            Set(option, word[(equals + 1)..]);
        else
            TakeNext(option, words, ref at);
    }

    private void TakeShort(string word, IReadOnlyList<string> words, ref int at)
    {
        for (var i = 1; i < word.Length && Error is null; i++)
        {
            if (GearmandOptionTable.ByLetter(word[i]) is not { } option)
            {
                Error = $"unrecognised option '{word}'";
            }
            else if (option.Kind == GearmandValueKind.Flag)
            {
                Set(option, "");
            }
            else
            {
                if (i < word.Length - 1)
                    Set(option, word[(i + 1)..]);
                else
                    TakeNext(option, words, ref at);
                return;
            }
        }
    }

    private void TakeNext(GearmandOption option, IReadOnlyList<string> words, ref int at)
    {
        if (at + 1 == words.Count)
            Error = $"the required argument for option '--{option.Name}' is missing";
        else
            Set(option, words[++at]);
    }

    private void Set(GearmandOption option, string value)
    {
        if (!IsValid(option.Kind, value))
            Error = value.Length == 0
                ? $"the argument for option '--{option.Name}' is invalid"
                : $"the argument ('{value}') for option '--{option.Name}' is invalid";
        else if (!_values.TryAdd(option.Name, value))
            Error = $"option '--{option.Name}' cannot be specified more than once";
    }

    private static bool IsValid(GearmandValueKind kind, string value) => kind switch
    {
        GearmandValueKind.Flag or GearmandValueKind.Text => true,
        GearmandValueKind.Signed32 => int.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _),
        GearmandValueKind.Unsigned32 => TryUnsigned(value, uint.MaxValue, out _),
        GearmandValueKind.Unsigned64 => TryUnsigned(value, ulong.MaxValue, out _),
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };

    /// <summary>Unsigned numbers of <paramref name="max"/>'s width, negative ones wrapped round.</summary>
    internal static bool TryUnsigned(string value, ulong max, out ulong number)
    {
        var isNegative = value.StartsWith('-');
        var digits = isNegative || value.StartsWith('+') ? value[1..] : value;
        if (!ulong.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out number) || number > max)
            return false;
        if (isNegative)
            number = unchecked(0 - number) & max;
        return true;
    }
}
