using System.Globalization;
using Flotilla.Cluster.Core;

namespace Flotilla.Cluster.Servers;

/// <summary>The end of a server's binary log that the primary has not, found by reading it.</summary>
internal sealed class ErrantTail
{
    /// <summary>More is not flashed back: the statements are held in memory, and filling the server anew is not slower.</summary>
    private const long FlashbackBytesMax = 64L << 20;

    private static readonly string[] Reversible =
    [
        "Gtid", "Annotate_rows", "Table_map", "Xid", "Rotate", "Format_desc", "Gtid_list", "Binlog_checkpoint", "Stop",
        "Write_rows_v1", "Update_rows_v1", "Delete_rows_v1", "Write_rows_compressed_v1", "Update_rows_compressed_v1", "Delete_rows_compressed_v1",
    ];

    private readonly SortedSet<string> _tables = new(StringComparer.Ordinal);

    private ErrantTail(GtidState before) => Before = before;

    /// <summary>The files it is in, the first to the last.</summary>
    public List<string> Files { get; } = [];

    /// <summary>Where it begins in the first file.</summary>
    public ulong Position { get; private set; }

    /// <summary>The state of the log where it begins.</summary>
    public GtidState Before { get; }

    /// <summary>Tables whose rows it changes, <c>schema.table</c>.</summary>
    public IReadOnlyCollection<string> Tables => _tables;

    /// <summary>Why it can't be taken back; null when it can.</summary>
    public string? Obstacle { get; private set; }

    /// <summary>Reads the log from the file on in which the first errant transaction stands; null when there is none.</summary>
    public static async Task<ErrantTail?> ReadAsync(ActionSession session, GtidState primary)
    {
        var logs = (await session.TableAsync("SHOW BINARY LOGS")).Rows.Select(row => (Name: row[0]!, Bytes: long.Parse(row[1]!, CultureInfo.InvariantCulture))).ToList();
        var (first, before) = await FindFileAsync(session, [.. logs.Select(log => log.Name)], primary);
        var tail = new ErrantTail(before);
        foreach (var (name, _) in logs.Skip(first))
            await tail.ReadFileAsync(session, name, primary);
        if (tail.Files.Count == 0)
            return null;
        var bytes = logs.Skip(logs.FindIndex(log => log.Name == tail.Files[0])).Sum(log => log.Bytes) - (long)tail.Position;
        if (bytes > FlashbackBytesMax)
            tail.Obstacle ??= $"it is {bytes >> 20} MiB long";
        return tail;
    }

    /// <summary>The last file that begins with nothing errant before it, and the state it begins with.</summary>
    private static async Task<(int Index, GtidState Before)> FindFileAsync(ActionSession session, IReadOnlyList<string> files, GtidState primary)
    {
        for (var index = files.Count - 1; ; index--)
        {
            var before = await FirstStateAsync(session, files[index]);
            if (index == 0 || before.Without(primary).Count == 0)
                return (index, before);
        }
    }

    private static async Task<GtidState> FirstStateAsync(ActionSession session, string file)
    {
        await foreach (var next in EventLog.ReadFileAsync(session, EventLog.Binary, file, 0, session.CancellationToken))
        {
            if (next.Type == "Gtid_list")
                return GtidState.Parse(next.Info.Trim('[', ']'));
            if (next.Type == "Gtid")
                break;
        }

        return new GtidState();
    }

    private async Task ReadFileAsync(ActionSession session, string file, GtidState primary)
    {
        var groups = new LogGroups();
        var isIn = Files.Count > 0;
        if (isIn)
            Files.Add(file);
        await foreach (var next in EventLog.ReadFileAsync(session, EventLog.Binary, file, 0, session.CancellationToken))
        {
            var completed = groups.Take(next);
            if (next.Type == "Gtid" && !isIn && !primary.Has(groups.Open!.Value))
            {
                (isIn, Position) = (true, next.Position);
                Files.Add(file);
            }

            if (isIn)
                Judge(next, groups.Open ?? completed, primary);
            else if (completed is { } gtid)
                Before.Add(gtid);
        }
    }

    private void Judge(LogEvent next, Gtid? group, GtidState primary)
    {
        if (!Reversible.Contains(next.Type, StringComparer.Ordinal))
            Obstacle ??= $"{group} is no change of rows in a transaction ({next.Type}: {next.Info})";
        else if (next.Type == "Gtid" && primary.Has(group!.Value))
            Obstacle ??= $"{group}, which the primary has, came after it";
        else if (next.Type == "Gtid" && !next.Info.StartsWith("BEGIN ", StringComparison.Ordinal))
            Obstacle ??= $"{group} is no transaction";
        else if (next.Type == "Table_map")
            _tables.Add(next.Info[(next.Info.IndexOf('(', StringComparison.Ordinal) + 1)..].TrimEnd(')'));
    }
}
