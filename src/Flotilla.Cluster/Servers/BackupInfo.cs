using Flotilla.Cluster.Core;

namespace Flotilla.Cluster.Servers;

/// <summary>The file by which a backup says at which position it is; it stays in the data folder until the server was told.</summary>
internal static class BackupInfo
{
    /// <summary>Of MariaDB 11.1 and later, and of earlier ones: <c>file, position, GTID position</c> between tabs.</summary>
    private static readonly string[] Names = ["mariadb_backup_binlog_info", "xtrabackup_binlog_info"];

    public static string? Find(string folder) => Names.Select(name => Path.Combine(folder, name)).FirstOrDefault(File.Exists);

    public static GtidPosition Read(string path)
    {
        var words = File.ReadAllText(path).Trim().Split('\t');
        return words.Length == 3 ? GtidPosition.Parse(words[2]) : throw new FormatException($"{path} names no position: the donor has no binary log, or no GTID");
    }
}
