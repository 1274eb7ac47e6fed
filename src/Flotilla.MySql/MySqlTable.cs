namespace Flotilla.MySql;

/// <summary>A small result as text, in memory.</summary>
public sealed class MySqlTable
{
    internal MySqlTable(string[] columns, List<string?[]> rows)
    {
        Columns = columns;
        Rows = [.. rows.Select(values => new MySqlRow(this, values))];
    }

    public IReadOnlyList<string> Columns { get; }

    public IReadOnlyList<MySqlRow> Rows { get; }

    internal int IndexOf(string column)
    {
        for (var i = 0; i < Columns.Count; i++)
        {
            if (string.Equals(Columns[i], column, StringComparison.OrdinalIgnoreCase))
                return i;
        }

        return -1;
    }
}
