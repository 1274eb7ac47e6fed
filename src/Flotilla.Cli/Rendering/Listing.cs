using Flotilla.Primitives;

namespace Flotilla.Cli.Rendering;

/// <summary>Rows under columns: what a command found, before it is a table or JSON.</summary>
internal sealed class Listing(params IReadOnlyList<Column> columns)
{
    private readonly List<object?[]> _rows = [];

    public IReadOnlyList<Column> Columns => columns;

    public IReadOnlyList<object?[]> Rows => _rows;

    /// <summary>What to say in place of an empty table.</summary>
    public string EmptyText { get; init; } = "nothing";

    /// <param name="cells">One per column: string, long, int, double, bool, list of strings, or null.</param>
    public void Add(params object?[] cells)
    {
        Invariant.Require(cells.Length == columns.Count);
        _rows.Add(cells);
    }
}
