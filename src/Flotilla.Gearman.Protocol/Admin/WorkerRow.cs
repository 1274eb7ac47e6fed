namespace Flotilla.Gearman.Protocol;

/// <summary>A line of <c>workers</c>: <c>number address client-id : function function ...</c>.</summary>
/// <param name="Number">The server's number of the connection (gearmand: its file descriptor).</param>
/// <param name="Address">Where the connection comes from.</param>
/// <param name="ClientId">What the peer calls itself; <c>-</c> when it did not say.</param>
/// <param name="Functions">What it takes jobs of; empty for mere clients.</param>
public sealed record WorkerRow(long Number, string Address, string ClientId, IReadOnlyList<string> Functions)
{
    /// <summary>The client id ends at the first blank-colon: gearmand does not escape it.</summary>
    public static bool TryParse(ReadOnlySpan<byte> line, out WorkerRow? row, out ProtocolError error)
    {
        row = null;
        var columns = new AdminColumns(line);
        if (!columns.TryTakeWord(out var number) || !AdminColumns.TryParseNumber(number, out var descriptor)
            || !columns.TryTakeWord(out var address))
        {
            error = columns.Error;
            return false;
        }

        var rest = columns.Rest;
        var end = rest.IndexOf(" :"u8);
        if (end < 0)
        {
            error = columns.Error;
            return false;
        }

        var functions = new List<string>();
        foreach (var range in rest[(end + 2)..].Split((byte)' '))
        {
            var name = rest[(end + 2)..][range];
            if (!name.IsEmpty)
                functions.Add(AdminText.Unescape(name));
        }

        error = default;
        row = new WorkerRow(descriptor, AdminText.Unescape(address), AdminText.Unescape(rest[..end]), functions);
        return true;
    }
}
