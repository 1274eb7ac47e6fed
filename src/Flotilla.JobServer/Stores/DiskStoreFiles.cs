using System.Globalization;

namespace Flotilla.JobServer.Stores;

/// <summary>A folder on a real disk.</summary>
public sealed class DiskStoreFiles(string folder) : IStoreFiles
{
    private const string LockName = "lock";

    /// <summary>Beside the lock, because a locked file can't be read everywhere.</summary>
    private const string OwnerName = "owner";

    private readonly string _folder = Path.GetFullPath(folder);

    public long FreeBytes
    {
        get
        {
            try
            {
                return new DriveInfo(_folder).AvailableFreeSpace;
            }
            catch (Exception problem) when (problem is IOException or UnauthorizedAccessException or ArgumentException)
            {
                return 0;
            }
        }
    }

    public string Describe(string name) => name.Length == 0 ? _folder : Path.Combine(_folder, name);

    public IDisposable Lock()
        => Try("use", "", () =>
        {
            if (!Directory.Exists(_folder))
            {
                MakeFolder();
                if (Path.GetDirectoryName(_folder) is { Length: > 0 } parent)
                    SystemCalls.FlushFolder(parent);
            }

            return TakeLock();
        });

    public IReadOnlyList<string> List() => Try("list", "", () => Directory.GetFiles(_folder).Select(path => Path.GetFileName(path)).ToList());

    public IStoreFile Open(string name) => Try("open", name, () => new DiskStoreFile(Describe(name), FileMode.Open));

    public IStoreFile Create(string name) => Try("create", name, () => new DiskStoreFile(Describe(name), FileMode.Create));

    public void Rename(string from, string to)
        => Try("rename", from, () =>
        {
            File.Move(Describe(from), Describe(to), overwrite: true);
            return true;
        });

    public void Delete(string name)
        => Try("delete", name, () =>
        {
            File.Delete(Describe(name));
            return true;
        });

    public void FlushFolder()
        => Try("flush", "", () =>
        {
            SystemCalls.FlushFolder(_folder);
            return true;
        });

    private void MakeFolder()
    {
        try
        {
            Directory.CreateDirectory(_folder);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw SystemCalls.Explain("make the folder", _folder, problem);
        }
    }

    private FileStream TakeLock()
    {
        FileStream held;
        try
        {
            held = new FileStream(Describe(LockName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException problem) when (File.Exists(Describe(LockName)))
        {
            var owner = File.Exists(Describe(OwnerName)) ? File.ReadAllText(Describe(OwnerName)).Trim() : "unknown";
            throw new StoreFileException($"{_folder} is in use by process {owner}: a store belongs to one server at a time", isDiskFull: false, problem);
        }

        try
        {
            File.WriteAllText(Describe(OwnerName), Environment.ProcessId.ToString(CultureInfo.InvariantCulture) + "\n");
        }
        catch (IOException)
        {
            // On a full disk nobody learns who holds the lock; it is held all the same.
        }

        return held;
    }

    private T Try<T>(string what, string name, Func<T> action)
    {
        try
        {
            return action();
        }
        catch (Exception problem) when (problem is UnauthorizedAccessException or IOException and not StoreFileException)
        {
            throw SystemCalls.Explain(what, Describe(name), problem);
        }
    }
}
