using System.IO.Pipes;
using Flotilla.TestSupport;

namespace Flotilla.Disk.Tests;

public sealed class DiskCallsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("flotilla-disk-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void ReservedSpaceIsThereInZerosAndKeepsWhatWasWritten()
    {
        using var file = File.OpenHandle(At("file"), FileMode.CreateNew, FileAccess.ReadWrite);
        RandomAccess.Write(file, [1, 2, 3], 0);
        DiskCalls.Reserve(file, 10_000);
        Assert.Equal([1, 2, 3, .. new byte[9_997]], Content(file));
        DiskCalls.Reserve(file, 5);
        Assert.Equal(10_000, RandomAccess.GetLength(file));
        DiskCalls.FlushData(file);
    }

    [Fact]
    public void ReservedSpaceIsTakenFromTheDisk()
    {
        Assert.SkipUnless(SmallDisk.IsPossible, "only root can mount a small file system");
        using var disk = SmallDisk.Mount(1 << 20);
        using (var file = File.OpenHandle(Path.Combine(disk.Folder, "file"), FileMode.CreateNew, FileAccess.ReadWrite))
        {
            DiskCalls.Reserve(file, 512 << 10);
            Assert.InRange(new DriveInfo(disk.Folder).AvailableFreeSpace, 0, 512 << 10);
            var full = Assert.Throws<IOException>(() => DiskCalls.Reserve(file, 2 << 20));
            Assert.True(DiskCalls.IsDiskFull(full), full.ToString());
        }

        using var other = File.OpenHandle(Path.Combine(disk.Folder, "other"), FileMode.CreateNew, FileAccess.ReadWrite);
        var written = Assert.Throws<IOException>(() => RandomAccess.Write(other, new byte[2 << 20], 0));
        Assert.True(DiskCalls.IsDiskFull(written), written.ToString());
    }

    [Fact]
    public void AFailedFlushIsToldInWords()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "elsewhere .NET flushes");
        using var pipe = new AnonymousPipeServerStream();
        using var end = new Microsoft.Win32.SafeHandles.SafeFileHandle(pipe.SafePipeHandle.DangerousGetHandle(), ownsHandle: false);
        var problem = Assert.Throws<IOException>(() => DiskCalls.FlushData(end));
        Assert.Equal("Invalid argument", problem.Message);
        Assert.False(DiskCalls.IsDiskFull(problem));
    }

    [Fact]
    public void AFolderIsFlushedWhateverItsNameAndAMissingOneIsTold()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "elsewhere folders are not flushed");
        var folder = Directory.CreateDirectory(At("größe")).FullName;
        DiskCalls.FlushFolder(folder);
        DiskCalls.FlushFolder("/proc");
        Assert.Equal("No such file or directory", Assert.Throws<IOException>(() => DiskCalls.FlushFolder(At("nothing"))).Message);
    }

    [Fact]
    public void AFolderIsMadeWithThoseAboveIt()
    {
        DiskCalls.CreateFolder(At("a/b/c/"));
        DiskCalls.CreateFolder(At("a/b/c"));
        Assert.True(Directory.Exists(At("a/b/c")));
        File.WriteAllText(At("file"), "");
        Assert.Throws<IOException>(() => DiskCalls.CreateFolder(At("file")));
        Assert.Throws<IOException>(() => DiskCalls.CreateFolder(At("file/below")));
    }

    [Fact]
    public void AFileIsReplacedWholeOrNotAtAll()
    {
        DiskCalls.WriteWhole(_folder, "name", "the first, which is longer");
        DiskCalls.WriteWhole(_folder, "name", "the second");
        Assert.Equal("the second", File.ReadAllText(At("name")));
        Assert.Equal([At("name")], Directory.GetFileSystemEntries(_folder));

        Directory.CreateDirectory(At("name.new"));
        Assert.ThrowsAny<Exception>(() => DiskCalls.WriteWhole(_folder, "name", "the third"));
        Assert.Equal("the second", File.ReadAllText(At("name")));
    }

    private static byte[] Content(Microsoft.Win32.SafeHandles.SafeFileHandle file)
    {
        var content = new byte[RandomAccess.GetLength(file)];
        RandomAccess.Read(file, content, 0);
        return content;
    }

    private string At(string name) => Path.Combine(_folder, name);
}
