namespace Flotilla.Gearman.Protocol;

/// <summary>A line of <c>status</c>: <c>name TAB total TAB running TAB workers</c>.</summary>
/// <param name="Function">The function's name.</param>
/// <param name="Total">Jobs, the running ones included.</param>
/// <param name="Running">Jobs in workers' hands.</param>
/// <param name="Workers">Workers that take its jobs.</param>
public sealed record StatusRow(string Function, long Total, long Running, long Workers)
{
    public static bool TryParse(ReadOnlySpan<byte> line, out StatusRow? row, out ProtocolError error)
    {
        var columns = new AdminColumns(line);
        Span<long> numbers = stackalloc long[3];
        var parsed = columns.TryTakeNumbersFromEnd(numbers);
        row = parsed ? new StatusRow(AdminText.Unescape(columns.Rest), numbers[0], numbers[1], numbers[2]) : null;
        error = parsed ? default : columns.Error;
        return parsed;
    }
}
