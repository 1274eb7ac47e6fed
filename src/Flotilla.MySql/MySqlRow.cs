namespace Flotilla.MySql;

/// <summary>A row of a <see cref="MySqlTable"/>; null is NULL.</summary>
public sealed class MySqlRow
{
    private readonly MySqlTable _table;

    internal MySqlRow(MySqlTable table, string?[] values)
    {
        _table = table;
        Values = values;
    }

    public IReadOnlyList<string?> Values { get; }

    public string? this[int column] => Values[column];

    /// <summary>By name, upper and lower case alike; throws <see cref="ArgumentException"/> when there is no such column.</summary>
    public string? this[string column] => TryGet(column, out var value)
        ? value
        : throw new ArgumentException($"there is no column {column}; there are {string.Join(", ", _table.Columns)}", nameof(column));

    /// <summary>False when there is no such column: servers differ in what they show.</summary>
    public bool TryGet(string column, out string? value)
    {
        var index = _table.IndexOf(column);
        value = index < 0 ? null : Values[index];
        return index >= 0;
    }
}
