using System.Text;
using Flotilla.Groups.Core;
using Flotilla.Groups.Storage;
using Flotilla.TestSupport;

namespace Flotilla.Groups.Tests.Storage;

/// <summary>Writes and reads logs as a node does.</summary>
internal static class LogFixture
{
    public const long Now = 1;

    public static string Text(in PersistRecord record) => $"{record.Kind} {record.Sequence} {Encoding.UTF8.GetString(record.Body)}";

    public static NodeLog Open(string path, List<string>? records = null, StorageOptions? options = null)
        => NodeLog.Open(path, options ?? new StorageOptions(), (in record) => records?.Add(Text(record)), () => { });

    /// <summary>What the directory holds, with the log closed again.</summary>
    public static List<string> Read(string path, out IReadOnlyList<string> reports)
    {
        List<string> records = [];
        using var log = Open(path, records);
        reports = log.Reports;
        return records;
    }

    public static ulong Append(this NodeLog log, PersistRecordKind kind, ulong sequence, string body, bool isUrgent = false)
        => log.Append(new PersistRecord(kind, sequence, Encoding.UTF8.GetBytes(body)) { IsUrgent = isUrgent });

    public static Task FlushedAsync(this NodeLog log, ulong ticket)
        => Deadline.UntilAsync(() => log.FlushedTicket >= ticket || log.Failure is not null, $"ticket {ticket} flushed");

    /// <summary>A directory with three entries in one segment; returns where each record begins, and the end.</summary>
    public static async Task<int[]> MakeAsync(string path)
    {
        List<int> offsets = [];
        var file = Path.Combine(path, SegmentFormat.NameOf(1));
        using var log = Open(path);
        for (var i = 1; i <= 3; i++)
        {
            offsets.Add((int)new FileInfo(file).Length);
            var ticket = log.Append(PersistRecordKind.Entry, (ulong)i, $"entry {i}", isUrgent: true);
            log.Write(Now);
            await log.FlushedAsync(ticket);
        }

        offsets.Add((int)new FileInfo(file).Length);
        return [.. offsets];
    }

    public static void Copy(string from, string to)
    {
        foreach (var file in Directory.GetFiles(from))
            File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
    }

    public static void PretendReboot(string path) => File.WriteAllText(Path.Combine(path, "boot"), "another\n");
}
