using System.Globalization;

namespace Flotilla.Bench;

/// <summary>What stands behind `./bench NAME`. Each option is taken out as it is read; what is left at the end was not understood.</summary>
internal sealed class BenchArguments(IEnumerable<string> arguments)
{
    private readonly List<string> _left = [.. arguments];

    public bool TakeFlag(string name) => _left.Remove(name);

    public string? TakeValue(string name) => TakeValues(name) switch
    {
        [] => null,
        [var value] => value,
        _ => throw new BenchUsageException($"{name} is given more than once"),
    };

    public IReadOnlyList<string> TakeValues(string name)
    {
        var values = new List<string>();
        while (_left.IndexOf(name) is >= 0 and var at)
        {
            if (at + 1 == _left.Count || _left[at + 1].StartsWith("--", StringComparison.Ordinal))
                throw new BenchUsageException($"{name} wants a value behind it");
            values.Add(_left[at + 1]);
            _left.RemoveRange(at, 2);
        }

        return values;
    }

    /// <summary>A whole number above zero.</summary>
    public int? TakeCount(string name)
    {
        if (TakeValue(name) is not { } value)
            return null;
        return int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count > 0
            ? count
            : throw new BenchUsageException($"{name} wants a whole number from 1 on, not '{value}'");
    }

    public void RequireNothingLeft()
    {
        if (_left.Count > 0)
            throw new BenchUsageException($"cannot make sense of '{string.Join(' ', _left)}'");
    }
}
