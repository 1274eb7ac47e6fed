using Flotilla.Bench.Jobs;

namespace Flotilla.Bench.Groups;

/// <summary>Figures of several runs, by name; of a system that has more than one transport, each transport's apart.</summary>
internal sealed class Samples
{
    private readonly Dictionary<string, List<double>> _values = [];
    private readonly Dictionary<string, bool> _isBetterWhenMore = [];
    private string _system = "";

    /// <summary>Adds a figure of the system that is measured now.</summary>
    public void Add(string name, double value, bool isBetterWhenMore)
    {
        _isBetterWhenMore[name] = isBetterWhenMore;
        var key = _system + "|" + name;
        if (!_values.TryGetValue(key, out var values))
            _values[key] = values = [];
        values.Add(value);
        Console.Error.WriteLine($"    {(_system.Length == 0 ? "flotilla" : _system)}: {name} {value.ToString("0.#", System.Globalization.CultureInfo.InvariantCulture)}");
    }

    /// <summary>What follows is of another system.</summary>
    public void BeginSystem(string? system) => _system = system ?? "";

    /// <summary>The median of the better system; null when nobody was measured.</summary>
    public double? Of(string name)
    {
        if (!_isBetterWhenMore.TryGetValue(name, out var more))
            return null;
        var medians = _values.Where(entry => entry.Key.EndsWith("|" + name, StringComparison.Ordinal)).Select(entry => Median.Of(entry.Value, value => value)).ToList();
        return more ? medians.Max() : medians.Min();
    }
}
