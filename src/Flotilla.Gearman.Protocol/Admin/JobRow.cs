namespace Flotilla.Gearman.Protocol;

/// <summary>A line of <c>show jobs</c>: <c>handle TAB retries TAB ignored TAB stored</c>.</summary>
/// <param name="Handle">The job.</param>
/// <param name="Retries">How often it was taken from a worker.</param>
/// <param name="Ignored">Nobody waits for it any more.</param>
/// <param name="Stored">It is in the persistent queue.</param>
public sealed record JobRow(string Handle, long Retries, bool Ignored, bool Stored)
{
    public static bool TryParse(ReadOnlySpan<byte> line, out JobRow? row, out ProtocolError error)
    {
        var columns = new AdminColumns(line);
        Span<long> numbers = stackalloc long[3];
        var parsed = columns.TryTakeNumbersFromEnd(numbers);
        row = parsed ? new JobRow(AdminText.Unescape(columns.Rest), numbers[0], numbers[1] != 0, numbers[2] != 0) : null;
        error = parsed ? default : columns.Error;
        return parsed;
    }
}
