using System.Globalization;
using Flotilla.Cluster.Core;
using Flotilla.Disk;

namespace Flotilla.Cluster.Servers;

/// <summary>Copies of the ends of one server's binary log, from before crash recoveries that may have cut them.</summary>
/// <param name="folder">Where they are, together with those of other servers. It is made.</param>
/// <param name="server">The server.</param>
internal sealed class KeptLogs(string folder, ServerName server)
{
    /// <summary>Each as large as a file of the log may be; those of the last starts are kept.</summary>
    public const int FilesMax = 10;

    /// <summary>What was not on the engine's disk is in the last file, or was when that was begun.</summary>
    private const int FilesOfAStart = 2;

    private const string TimeFormat = "yyyyMMdd'T'HHmmssfff'Z'";
    private const string Unfinished = ".new";

    private readonly string _prefix = $"{server}-";

    /// <summary>Copies the end of the log; false when there is none in the data folder. On disk when it returns.</summary>
    public bool Keep(DataFolder data)
    {
        var logs = data.LastBinaryLogs(FilesOfAStart);
        if (logs.Count == 0)
            return false;
        Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        foreach (var left in Files().Where(file => file.EndsWith(Unfinished, StringComparison.Ordinal)))
            File.Delete(left);
        foreach (var older in Files().SkipLast(FilesMax - logs.Count))
            File.Delete(older);
        var time = DateTime.UtcNow.ToString(TimeFormat, CultureInfo.InvariantCulture);
        foreach (var log in logs)
            Copy(log, Path.Combine(folder, $"{_prefix}{time}-{Path.GetFileName(log)}"));
        DiskCalls.FlushFolder(folder);
        return true;
    }

    private static void Copy(string from, string to)
    {
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite };
        using (var source = File.OpenRead(from))
        using (var copy = new FileStream(to + Unfinished, options))
        {
            source.CopyTo(copy);
            copy.Flush(flushToDisk: true);
        }

        File.Move(to + Unfinished, to);
    }

    /// <summary>This server's, oldest first.</summary>
    private List<string> Files() => [.. Directory.GetFiles(folder, _prefix + "*").Where(IsCopy).Order(StringComparer.Ordinal)];

    // Another server's name may begin with this one's, and so do the files of what was errant.
    private bool IsCopy(string path)
    {
        var rest = Path.GetFileName(path.AsSpan())[_prefix.Length..];
        return rest.IndexOf('-') is > 0 and var end && DateTime.TryParseExact(rest[..end], TimeFormat, CultureInfo.InvariantCulture, DateTimeStyles.None, out _);
    }
}
