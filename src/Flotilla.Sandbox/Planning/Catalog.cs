namespace Flotilla.Sandbox;

/// <summary>The sandboxes below a root, which their journals tell; and the locks that keep processes from working on the same things.</summary>
internal sealed class Catalog(string root)
{
    public string Root => root;

    public string FolderOf(string name) => Path.Combine(root, name);

    /// <summary>While held, nobody else decides on ports and names.</summary>
    public Task<FolderLock> LockAllAsync(CancellationToken cancellationToken) => FolderLock.TakeAsync(Path.Combine(root, ".locks", ".catalog"), cancellationToken);

    /// <summary>While held, nobody else makes, starts, stops or removes that sandbox.</summary>
    public Task<FolderLock> LockAsync(string name, CancellationToken cancellationToken) => FolderLock.TakeAsync(LockPath(name), cancellationToken);

    public FolderLock? TryLock(string name) => FolderLock.Try(LockPath(name));

    public bool IsLocked(string name) => FolderLock.IsHeld(LockPath(name));

    /// <summary>All of them, by name; a journal that can't be read is an error, because its ports are not known.</summary>
    public IReadOnlyList<SandboxRecord> List()
        => !Directory.Exists(root) ? [] : [.. Directory.GetDirectories(root).Order(StringComparer.Ordinal)
            .Where(folder => !Path.GetFileName(folder).StartsWith('.'))
            .Select(SandboxRecord.Read).OfType<SandboxRecord>()];

    /// <summary>No folder is there that could be a sandbox.</summary>
    public bool IsEmpty => !Directory.EnumerateDirectories(root).Any(folder => !Path.GetFileName(folder).StartsWith('.'));

    public SandboxRecord? Find(string name)
        => name.Length == 0 || name.StartsWith('.') || name.Contains('/', StringComparison.Ordinal) ? null : SandboxRecord.Read(FolderOf(name));

    private string LockPath(string name) => Path.Combine(root, ".locks", name);
}
