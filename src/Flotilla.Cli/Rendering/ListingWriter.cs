using Flotilla.Cli.Hosting;
using Spectre.Console;

namespace Flotilla.Cli.Rendering;

/// <summary>
/// Writes listings: JSON when asked for, a drawn table on a terminal, otherwise columns with a line of headings that programs can cut.
/// </summary>
internal static class ListingWriter
{
    public static void Write(IConsole console, Listing listing, bool asJson)
    {
        if (asJson)
            console.Output.WriteLine(JsonText.Array(listing));
        else if (listing.Rows.Count == 0)
            console.Error.WriteLine(listing.EmptyText);
        else if (console.IsOutputTerminal)
            Terminal.Create(console).Write(ToTable(listing));
        else
            console.Output.Write(Plain(listing));
    }

    public static Table ToTable(Listing listing)
    {
        var table = new Table().Border(TableBorder.Rounded).BorderColor(Color.Grey);
        var shown = Shown(listing);
        foreach (var at in shown)
        {
            var column = new TableColumn(new Text(listing.Columns[at].Title, new Style(decoration: Decoration.Bold)));
            column.NoWrap = !listing.Columns[at].MayWrap;
            table.AddColumn(listing.Columns[at].IsRightAligned ? column.RightAligned() : column);
        }

        foreach (var row in listing.Rows)
            table.AddRow(shown.Select(at => new Text(CellText.Format(row[at], listing.Columns[at]))));
        return table;
    }

    /// <summary>Columns padded with blanks, the last one not.</summary>
    public static string Plain(Listing listing)
    {
        var shown = Shown(listing);
        List<string[]> lines = [[.. shown.Select(at => listing.Columns[at].Title)]];
        lines.AddRange(listing.Rows.Select(row => shown.Select(at => CellText.Format(row[at], listing.Columns[at])).ToArray()));
        var widths = shown.Select((_, place) => lines.Max(line => line[place].Length)).ToArray();
        using var text = new StringWriter { NewLine = "\n" };
        foreach (var line in lines)
        {
            var padded = line.Select((cell, place) =>
                listing.Columns[shown[place]].IsRightAligned ? cell.PadLeft(widths[place]) : cell.PadRight(widths[place]));
            text.WriteLine(string.Join("  ", padded).TrimEnd());
        }

        return text.ToString();
    }

    private static int[] Shown(Listing listing)
        => [.. Enumerable.Range(0, listing.Columns.Count).Where(at => listing.Columns[at].InTable)];
}
