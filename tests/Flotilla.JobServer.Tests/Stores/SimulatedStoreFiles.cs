using Flotilla.JobServer.Stores;
using Flotilla.Simulation;

namespace Flotilla.JobServer.Tests.Stores;

/// <summary>A simulated disk behind the interface that the file store uses.</summary>
internal sealed class SimulatedStoreFiles(SimulatedDisk disk) : IStoreFiles
{
    private int _lockedInLife = -1;

    public long FreeBytes => Math.Max(0, disk.CapacityBytes - disk.UsedBytes);

    public string Describe(string name) => name.Length == 0 ? "/simulated" : "/simulated/" + name;

    public IDisposable Lock()
    {
        if (_lockedInLife == disk.Lives)
            throw new StoreFileException("/simulated is in use", isDiskFull: false);
        _lockedInLife = disk.Lives;
        return new Held(this);
    }

    public IReadOnlyList<string> List() => disk.Names;

    public IStoreFile Open(string name) => Try(() => new OpenFile(disk.Open(name)));

    public IStoreFile Create(string name) => Try(() => new OpenFile(disk.Create(name)));

    public void Rename(string from, string to) => Try(() => disk.Rename(from, to));

    public void Delete(string name) => Try(() => disk.Delete(name));

    public void FlushFolder() => Try(disk.FlushFolder);

    private static void Try(Action action)
        => Try(() =>
        {
            action();
            return true;
        });

    private static T Try<T>(Func<T> action)
    {
        try
        {
            return action();
        }
        catch (SimulatedDiskException problem)
        {
            throw new StoreFileException(problem.Message, problem.Fault == DiskFault.NoSpace, problem);
        }
    }

    private sealed class Held(SimulatedStoreFiles files) : IDisposable
    {
        public void Dispose() => files._lockedInLife = -1;
    }

    private sealed class OpenFile(SimulatedFile file) : IStoreFile
    {
        public long LengthBytes => file.LengthBytes;

        public int Read(long offset, Span<byte> target) => file.Read(offset, target);

        public void Write(long offset, ReadOnlySpan<byte> bytes)
        {
            try
            {
                file.Write(offset, bytes);
            }
            catch (SimulatedDiskException problem)
            {
                throw new StoreFileException(problem.Message, problem.Fault == DiskFault.NoSpace, problem);
            }
        }

        public void Reserve(long sizeBytes) => Try(() => file.Reserve(sizeBytes));

        public void SetLength(long sizeBytes) => Try(() => file.SetLength(sizeBytes));

        public void Flush() => Try(file.Flush);

        public void Dispose()
        {
        }
    }
}
