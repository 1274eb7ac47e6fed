namespace Flotilla.JobServer.Stores;

/// <summary>
/// The file operations that <see cref="FileJobStore"/> needs, on one folder. The real disk is <see cref="DiskStoreFiles"/>; tests put a
/// simulated one behind it. Every failure is a <see cref="StoreFileException"/>. Not thread-safe.
/// </summary>
public interface IStoreFiles
{
    /// <summary>The file's path, for messages; of the folder when <paramref name="name"/> is empty.</summary>
    string Describe(string name);

    /// <summary>Makes the folder when it isn't there and keeps every other process out until disposed.</summary>
    IDisposable Lock();

    /// <summary>Names of all files, in no order.</summary>
    IReadOnlyList<string> List();

    /// <summary>Opens a file that is there, to read and write.</summary>
    IStoreFile Open(string name);

    /// <summary>Makes an empty file, also in the place of another.</summary>
    IStoreFile Create(string name);

    /// <summary>Durable after <see cref="FlushFolder"/>; replaces a file of the new name.</summary>
    void Rename(string from, string to);

    /// <summary>Durable after <see cref="FlushFolder"/>.</summary>
    void Delete(string name);

    /// <summary>Makes creations, renames and deletions durable.</summary>
    void FlushFolder();

    /// <summary>What the disk has left for us; for messages.</summary>
    long FreeBytes { get; }
}
