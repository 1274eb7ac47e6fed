using Flotilla.Cluster.Core;
using Flotilla.Disk;

namespace Flotilla.Cluster.Servers;

/// <summary>
/// A server's data folder and what takes its place. A new one is filled in <c>data.filling</c>, becomes <c>data.ready</c> when it is whole, and changes places with the old one, which is then
/// <c>data.old</c> until it is removed. A death at any moment leaves the old or the new one, which <see cref="Recover"/> puts in its place.
/// </summary>
public sealed class DataFolder
{
    /// <param name="path">The folder; not a mount point, which can't be renamed.</param>
    public DataFolder(string path) => Path = System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(path));

    public string Path { get; }

    internal string Filling => Path + ".filling";

    internal string Ready => Path + ".ready";

    internal string Old => Path + ".old";

    /// <summary>
    /// The role that crash recovery is to be done in. Only a server that died as a primary, after which another was one, may truncate what nobody acknowledged. One that died as a replica
    /// has nothing but what its primary sent and it acknowledged itself: truncated, that would be lost where its relay log is gone already. A replica is known by the file that says
    /// whom it replicates from.
    /// </summary>
    /// <param name="hasSuccessor">Whether another server was made a writable primary after this one.</param>
    public ServerRole RecoveryRole(bool hasSuccessor) => hasSuccessor && !File.Exists(System.IO.Path.Combine(Path, "master.info")) ? ServerRole.Replica : ServerRole.Primary;

    /// <summary>Puts in its place what a death left. To be called before the server is started.</summary>
    public void Recover()
    {
        Delete(Filling);
        if (Directory.Exists(Path))
        {
            Delete(Ready);
            Delete(Old);
        }
        else if (Directory.Exists(Ready))
            Swap();
        else if (Directory.Exists(Old))
            Directory.Move(Old, Path);
    }

    /// <summary>Puts the new folder in the place of the old one, and removes that. The server must not run.</summary>
    public void Swap()
    {
        if (!Directory.Exists(Ready))
            throw new IOException($"{Ready} is not there: nothing was received, or it is in its place already");
        if (Directory.Exists(Path))
        {
            Delete(Old);
            Directory.Move(Path, Old);
        }

        Directory.Move(Ready, Path);
        FlushNames();
        Delete(Old);
    }

    /// <summary>The last files of its binary log, oldest first; none where it is kept in another folder.</summary>
    internal IReadOnlyList<string> LastBinaryLogs(int count)
    {
        foreach (var index in Directory.Exists(Path) ? Directory.GetFiles(Path, "*.index") : [])
        {
            List<string> logs = [.. File.ReadLines(index).Where(line => line.Length > 0).Select(line => System.IO.Path.Combine(Path, line)).Where(IsBinaryLog).TakeLast(count)];
            if (logs.Count > 0)
                return logs;
        }

        return [];
    }

    internal void FlushNames() => DiskCalls.FlushFolder(System.IO.Path.GetDirectoryName(Path)!);

    internal static void Delete(string folder)
    {
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
    }

    /// <summary>A relay log says so in its first event, whose flags stand behind its time, type, server, length and end.</summary>
    private static bool IsBinaryLog(string path)
    {
        const int flagsAt = 4 + 17;
        const byte relay = 0x40;
        if (!File.Exists(path))
            return false;
        using var file = File.OpenRead(path);
        Span<byte> start = stackalloc byte[flagsAt + 1];
        return file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false) == start.Length && start.StartsWith((ReadOnlySpan<byte>)[0xfe, .. "bin"u8]) && (start[flagsAt] & relay) == 0;
    }
}
