namespace Flotilla.Gearman.Protocol;

/// <summary>A line of <c>prioritystatus</c>: <c>name TAB high TAB normal TAB low TAB workers</c>.</summary>
/// <param name="Function">The function's name.</param>
/// <param name="High">Jobs of high priority that wait.</param>
/// <param name="Normal">Jobs of normal priority that wait.</param>
/// <param name="Low">Jobs of low priority that wait.</param>
/// <param name="Workers">Workers that take its jobs.</param>
public sealed record PriorityRow(string Function, long High, long Normal, long Low, long Workers)
{
    public static bool TryParse(ReadOnlySpan<byte> line, out PriorityRow? row, out ProtocolError error)
    {
        var columns = new AdminColumns(line);
        Span<long> numbers = stackalloc long[4];
        var parsed = columns.TryTakeNumbersFromEnd(numbers);
        row = parsed ? new PriorityRow(AdminText.Unescape(columns.Rest), numbers[0], numbers[1], numbers[2], numbers[3]) : null;
        error = parsed ? default : columns.Error;
        return parsed;
    }
}
