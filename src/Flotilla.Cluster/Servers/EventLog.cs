using System.Globalization;
using System.Runtime.CompilerServices;
using Flotilla.MySql;

namespace Flotilla.Cluster.Servers;

/// <summary>Reads a server's binary or relay log as the server shows it.</summary>
internal static class EventLog
{
    public const string Binary = "BINLOG";
    public const string Relay = "RELAYLOG";

    /// <summary>A reader that stops early has a page to pass over at most.</summary>
    private const int PageEvents = 1000;

    /// <summary>The first bytes of a file are no event.</summary>
    private const ulong FirstPosition = 4;

    /// <summary>ER_ERROR_WHEN_EXECUTING_COMMAND: no such file, or its end is torn.</summary>
    private const int CannotShow = 1220;

    /// <summary>Events of a file from a position on, one by one.</summary>
    /// <exception cref="MySqlServerException">There is no such file, or what follows is torn.</exception>
    public static async IAsyncEnumerable<LogEvent> ReadFileAsync(
        ActionSession session, string kind, string file, ulong from, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var position = Math.Max(from, FirstPosition);
        for (var page = 0; ; page++)
        {
            var count = 0;
            await using var result = await session.QueryAsync(string.Create(
                CultureInfo.InvariantCulture, $"SHOW {kind} EVENTS IN {MySqlText.Literal(file)} FROM {position} LIMIT {PageEvents}"));
            while (await result.ReadAsync(cancellationToken))
            {
                // A page begins with the last event of the one before.
                position = ulong.Parse(result.GetString(1), CultureInfo.InvariantCulture);
                if (count++ > 0 || page == 0)
                    yield return new LogEvent(file, position, result.GetString(2), result.GetString(5));
            }

            if (count < PageEvents)
                yield break;
        }
    }

    /// <summary>Relay logs have no list in SQL, but their names are counted.</summary>
    public static string Next(string file)
    {
        var dot = file.LastIndexOf('.');
        var number = ulong.Parse(file.AsSpan(dot + 1), NumberStyles.None, CultureInfo.InvariantCulture) + 1;
        return file[..(dot + 1)] + number.ToString(CultureInfo.InvariantCulture).PadLeft(file.Length - dot - 1, '0');
    }

    public static bool IsEndOfLogs(MySqlServerException failure) => failure.Number == CannotShow;
}
