using System.Globalization;
using System.Security.Cryptography;
using Flotilla.Disk;

namespace Flotilla.Groups.Storage;

/// <summary>
/// A node's folder: <c>lock</c> (held while a process uses it), <c>owner</c> (which process), <c>node</c> (format and number of the directory), <c>boot</c> (the
/// boot of the host up to which nothing acknowledged can have been lost), and the log's segments. Refuses a folder that it can't be sure of.
/// </summary>
internal sealed class NodeDirectory : IDisposable
{
    private const string NodeName = "node";
    private const string BootName = "boot";
    private const string FirstLine = "flotilla group node";
    private const string BootPath = "/proc/sys/kernel/random/boot_id";

    private readonly FolderClaim _claim;

    private NodeDirectory(string path, FolderClaim claim)
    {
        Path = path;
        _claim = claim;
    }

    public string Path { get; }

    /// <summary>Drawn when the directory was made; in every segment, so that segments of two directories are never mixed.</summary>
    public ulong Number { get; private set; }

    public bool IsFresh { get; private set; }

    /// <summary>Nothing that was acknowledged can have been lost since: the host has not been restarted.</summary>
    public bool IsSameBoot { get; private set; }

    /// <summary>Locks and checks a directory, or makes it. Throws <see cref="StorageException"/>.</summary>
    public static NodeDirectory Open(string path)
    {
        path = System.IO.Path.GetFullPath(path);
        try
        {
            DiskCalls.CreateFolder(path);
            var directory = new NodeDirectory(path, FolderClaim.Take(path));
            try
            {
                directory.Check();
                return directory;
            }
            catch
            {
                directory.Dispose();
                throw;
            }
        }
        catch (FolderClaimedException problem)
        {
            throw new StorageException($"data directory {path} is in use by process {problem.Owner}: each node needs its own; stop that one, or choose another directory", problem);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw new StorageException($"can't use {path} as data directory: {problem.Message}", problem);
        }
    }

    public string PathOf(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>The numbers of the segments, in order.</summary>
    public List<uint> Segments()
        => [.. Directory.GetFiles(Path).Select(file => SegmentFormat.NumberOf(System.IO.Path.GetFileName(file))).OfType<uint>().Order()];

    /// <summary>From now on everything acknowledged in this boot is known to be in the log.</summary>
    public void RecordBoot()
    {
        if (BootId() is { } boot)
            DiskCalls.WriteWhole(Path, BootName, boot + "\n");
    }

    /// <summary>The first segment exists: the directory is a node's from now on.</summary>
    public void Complete()
    {
        RecordBoot();
        var number = Number.ToString("x16", CultureInfo.InvariantCulture);
        DiskCalls.WriteWhole(Path, NodeName, $"{FirstLine}\nformat {SegmentFormat.Version}\ndirectory {number}\n");
    }

    public void Dispose() => _claim.Dispose();

    private static string? BootId() => File.Exists(BootPath) ? File.ReadAllText(BootPath).Trim() : null;

    private void Check()
    {
        if (File.Exists(PathOf(NodeName)))
        {
            ReadNode();
            IsSameBoot = File.Exists(PathOf(BootName)) && BootId() is { } boot && File.ReadAllText(PathOf(BootName)).Trim() == boot;
            return;
        }

        // A process that died while it made the directory leaves a first segment without records, and no more than that.
        var strange = Directory.EnumerateFileSystemEntries(Path).Select(entry => System.IO.Path.GetFileName(entry))
            .FirstOrDefault(name => name is not (FolderClaim.LockName or FolderClaim.OwnerName or BootName or BootName + ".new" or NodeName + ".new") && !IsUnusedSegment(name));
        if (strange is not null)
            throw new StorageException($"{Path} holds {strange} and is no data directory of a group node: choose an empty one, or one that does not exist");
        IsFresh = true;
        IsSameBoot = true;
        Number = BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong))) | 1;
    }

    private bool IsUnusedSegment(string name)
        => SegmentFormat.NumberOf(name) == 1 && new FileInfo(PathOf(name)).Length <= SegmentFormat.HeaderBytes;

    private void ReadNode()
    {
        var path = PathOf(NodeName);
        var lines = File.ReadAllLines(path);
        if (lines.Length < 3 || lines[0] != FirstLine)
            throw new StorageException($"{path} does not begin with '{FirstLine}': this is no data directory of a group node, or its file is damaged; restore the directory, or begin with an empty one (it joins as a new node)");
        if (!lines[1].StartsWith("format ", StringComparison.Ordinal)
            || !int.TryParse(lines[1].AsSpan(7), NumberStyles.None, CultureInfo.InvariantCulture, out var format) || format < 1)
            throw new StorageException($"{path}, line 2, is '{lines[1]}', not a format: restore the directory, or begin with an empty one (it joins as a new node)");
        if (format > SegmentFormat.Version)
            throw new StorageException($"{path}, line 2: the directory has format {format}, this program knows up to {SegmentFormat.Version}: use the newer program");
        if (!lines[2].StartsWith("directory ", StringComparison.Ordinal)
            || !ulong.TryParse(lines[2].AsSpan(10), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var number) || number == 0)
            throw new StorageException($"{path}, line 3, is '{lines[2]}', not the directory's number: restore the directory, or begin with an empty one (it joins as a new node)");
        Number = number;
    }
}
