using System.Security.Cryptography;
using System.Text;

namespace Flotilla.Sandbox;

/// <summary>
/// The root folders that this user has on this host, so that a free port is not one that a stopped server of another root will want back. A help,
/// not a record: where it can't be written, or was wiped with the temporary files, ports are chosen without it.
/// </summary>
internal static class HostRegistry
{
    private static readonly string Folder = Path.Combine(Path.GetTempPath(), $"flotilla-sandboxes-{Environment.UserName}");

    /// <summary>While held, no other root of this user decides on ports; null where that can't be had.</summary>
    public static async Task<FolderLock?> LockAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await FolderLock.TakeAsync(Path.Combine(Folder, ".lock"), cancellationToken);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Remembers a root and returns the sandboxes of all others; roots that are gone are forgotten.</summary>
    public static IReadOnlyList<SandboxRecord> Enter(string root)
    {
        try
        {
            Directory.CreateDirectory(Folder, SafeFile.Folder);
            SafeFile.Write(EntryOf(root), root, SafeFile.Secret);
            return [.. Directory.GetFiles(Folder, "*.root").SelectMany(entry => RecordsOf(entry, root))];
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    /// <summary>Forgets a root.</summary>
    public static void Leave(string root)
    {
        try
        {
            File.Delete(EntryOf(root));
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // Who reads it next finds no sandboxes there.
        }
    }

    private static IReadOnlyList<SandboxRecord> RecordsOf(string entry, string root)
    {
        try
        {
            var other = File.ReadAllText(entry);
            if (other == root)
                return [];
            if (Directory.Exists(other))
                return new Catalog(other).List();
            File.Delete(entry);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or SandboxException)
        {
            // Somebody removes it just now, or its owner has to mend it: not our business.
        }

        return [];
    }

    private static string EntryOf(string root) => Path.Combine(Folder, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(root)))[..16] + ".root");
}
