using Flotilla.Disk;

namespace Flotilla.JobServer.Stores;

/// <summary>A folder on a real disk.</summary>
public sealed class DiskStoreFiles(string folder) : IStoreFiles
{
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
            MakeFolder();
            try
            {
                return FolderClaim.Take(_folder);
            }
            catch (FolderClaimedException problem)
            {
                throw new StoreFileException($"{problem.Message}: a store belongs to one server at a time", isDiskFull: false, problem);
            }
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
            DiskCalls.FlushFolder(_folder);
            return true;
        });

    private void MakeFolder()
    {
        try
        {
            DiskCalls.CreateFolder(_folder);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw StoreFailure.Explain("make the folder", _folder, problem);
        }
    }

    private T Try<T>(string what, string name, Func<T> action)
    {
        try
        {
            return action();
        }
        catch (Exception problem) when (problem is UnauthorizedAccessException or IOException and not StoreFileException)
        {
            throw StoreFailure.Explain(what, Describe(name), problem);
        }
    }
}
