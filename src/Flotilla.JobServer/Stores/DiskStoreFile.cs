using Flotilla.Disk;
using Microsoft.Win32.SafeHandles;

namespace Flotilla.JobServer.Stores;

/// <summary>One open file on a real disk.</summary>
internal sealed class DiskStoreFile : IStoreFile
{
    private readonly string _path;
    private readonly SafeFileHandle _handle;

    public DiskStoreFile(string path, FileMode mode)
    {
        _path = path;
        _handle = File.OpenHandle(path, mode, FileAccess.ReadWrite, FileShare.Read);
    }

    public long LengthBytes => RandomAccess.GetLength(_handle);

    public int Read(long offset, Span<byte> target)
    {
        try
        {
            var filled = 0;
            while (filled < target.Length && RandomAccess.Read(_handle, target[filled..], offset + filled) is > 0 and var count)
                filled += count;
            return filled;
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw StoreFailure.Explain("read", _path, problem);
        }
    }

    public void Write(long offset, ReadOnlySpan<byte> bytes)
    {
        try
        {
            RandomAccess.Write(_handle, bytes, offset);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw StoreFailure.Explain("write", _path, problem);
        }
    }

    public void Reserve(long sizeBytes) => Try("reserve space for", () => DiskCalls.Reserve(_handle, sizeBytes));

    public void SetLength(long sizeBytes) => Try("set the length of", () => RandomAccess.SetLength(_handle, sizeBytes));

    public void Flush() => Try("flush", () => DiskCalls.FlushData(_handle));

    public void Dispose() => _handle.Dispose();

    private void Try(string what, Action action)
    {
        try
        {
            action();
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw StoreFailure.Explain(what, _path, problem);
        }
    }
}
