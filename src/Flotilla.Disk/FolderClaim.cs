using System.Globalization;

namespace Flotilla.Disk;

/// <summary>
/// A folder that belongs to one process at a time: a file under a lock that the kernel lets go when its holder dies, and beside it, because a
/// locked file can't be read everywhere, a file that names the holder for people.
/// </summary>
public sealed class FolderClaim : IDisposable
{
    public const string LockName = "lock";
    public const string OwnerName = "owner";

    /// <summary>EWOULDBLOCK of flock on Linux, on macOS, and ERROR_SHARING_VIOLATION.</summary>
    private static readonly int[] s_heldByOther = [11, 35, unchecked((int)0x80070020)];

    private readonly FileStream _held;

    private FolderClaim(FileStream held) => _held = held;

    /// <summary>Claims an existing folder. Throws <see cref="FolderClaimedException"/> when another has it, else what opening a file throws.</summary>
    public static FolderClaim Take(string folder)
    {
        FileStream held;
        try
        {
            held = new FileStream(Path.Combine(folder, LockName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException problem) when (s_heldByOther.Contains(problem.HResult))
        {
            throw new FolderClaimedException(folder, Owner(folder), problem);
        }

        try
        {
            File.WriteAllText(Path.Combine(folder, OwnerName), Environment.ProcessId.ToString(CultureInfo.InvariantCulture) + "\n");
        }
        catch (IOException)
        {
            // On a full disk nobody learns who holds the lock; it is held all the same.
        }

        return new FolderClaim(held);
    }

    public void Dispose() => _held.Dispose();

    private static string Owner(string folder)
    {
        var path = Path.Combine(folder, OwnerName);
        return File.Exists(path) && File.ReadAllText(path).Trim() is { Length: > 0 } owner ? owner : "unknown";
    }
}
