using Flotilla.Primitives;

namespace Flotilla.Simulation;

/// <summary>An open file of a <see cref="SimulatedDisk"/>; of no use after a crash.</summary>
public sealed class SimulatedFile
{
    private readonly SimulatedDisk _disk;
    private readonly DiskInode _inode;
    private readonly string _name;
    private readonly int _life;

    internal SimulatedFile(SimulatedDisk disk, DiskInode inode, string name)
    {
        (_disk, _inode, _name) = (disk, inode, name);
        _life = disk.Lives;
    }

    public long LengthBytes => Inode.LengthBytes;

    private DiskInode Inode
    {
        get
        {
            Invariant.Require(_life == _disk.Lives);
            return _inode;
        }
    }

    public int Read(long offset, Span<byte> target) => Inode.Read(offset, target);

    public void Write(long offset, ReadOnlySpan<byte> bytes)
    {
        var inode = Inode;
        switch (_disk.Begin("write", _name, out var crashBytes))
        {
            case DiskFault.Crash:
                inode.Write(offset, bytes[..(int)Math.Min(crashBytes, bytes.Length)], isCertain: true);
                throw _disk.PowerLost(crashBytes < bytes.Length);
            case { } fault:
                inode.Write(offset, bytes[.._disk.Random.Next(bytes.Length + 1)]);
                throw SimulatedDisk.Failure("write", _name, fault);
        }

        _disk.RequireRoom("write", _name, offset + bytes.Length - inode.LengthBytes);
        inode.Write(offset, bytes);
    }

    /// <summary>Makes the file at least this long, or finds the disk full.</summary>
    public void Reserve(long sizeBytes)
    {
        var inode = Inode;
        _disk.Do("reserve", _name);
        if (sizeBytes <= inode.LengthBytes)
            return;
        _disk.RequireRoom("reserve", _name, sizeBytes - inode.LengthBytes);
        inode.SetLength(sizeBytes);
    }

    public void SetLength(long sizeBytes)
    {
        var inode = Inode;
        _disk.Do("set the length of", _name);
        _disk.RequireRoom("set the length of", _name, sizeBytes - inode.LengthBytes);
        inode.SetLength(sizeBytes);
    }

    public void Flush()
    {
        var inode = Inode;
        switch (_disk.Begin("flush", _name, out _))
        {
            case DiskFault.Crash:
                throw _disk.PowerLost();
            case { } fault:
                inode.FailFlush(_disk.Random);
                throw SimulatedDisk.Failure("flush", _name, fault);
        }

        inode.Flush();
    }
}
