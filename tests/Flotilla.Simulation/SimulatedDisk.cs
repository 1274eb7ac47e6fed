using Flotilla.Primitives;

namespace Flotilla.Simulation;

/// <summary>
/// One folder on a disk that forgets: what is not flushed may be lost, kept or torn at any byte when the power fails, a flush that failed
/// loses what it did not flush although it can still be read, names not flushed may be lost in any order, space ends, operations fail or
/// stall when told to. Deterministic.
/// </summary>
public sealed class SimulatedDisk(SeededRandom random, long capacityBytes = long.MaxValue, VirtualClock? clock = null)
{
    private readonly Dictionary<long, (DiskFault Fault, int CrashBytes)> _faults = [];
    private readonly Dictionary<long, long> _stalls = [];
    private readonly List<NameChange> _pending = [];
    private Dictionary<string, DiskInode> _seen = new(StringComparer.Ordinal);
    private readonly Dictionary<string, DiskInode> _durable = new(StringComparer.Ordinal);
    private DiskFault? _failsFromNowOn;

    /// <summary>How much fits; may change at any time.</summary>
    public long CapacityBytes { get; set; } = capacityBytes;

    /// <summary>Operations so far that change or flush something: the first one is number 0.</summary>
    public long Operations { get; private set; }

    /// <summary>How often the power failed.</summary>
    public int Lives { get; private set; }

    /// <summary>The last planned crash left out some bytes of a write: with more of them it would have been another crash.</summary>
    public bool LastCrashWasWithinWrite { get; private set; }

    public long UsedBytes => _seen.Values.Sum(inode => inode.LengthBytes);

    public IReadOnlyList<string> Names => [.. _seen.Keys.Order(StringComparer.Ordinal)];

    internal SeededRandom Random { get; } = random;

    /// <summary>Has operations fail by what they do ("create", "write", "reserve", "flush", "rename", "delete") and to which name; until <see cref="Heal"/>.</summary>
    public Func<string, string, DiskFault?>? Fails { get; set; }

    /// <summary>Has an operation fail; a crash in a write lets <paramref name="crashBytes"/> of it reach the disk.</summary>
    public void FailAt(long operation, DiskFault fault, int crashBytes = 0) => _faults[operation] = (fault, crashBytes);

    /// <summary>Every operation fails until <see cref="Heal"/>.</summary>
    public void FailFromNowOn(DiskFault fault) => _failsFromNowOn = fault;

    /// <summary>No operation fails any more.</summary>
    public void Heal()
    {
        _failsFromNowOn = null;
        Fails = null;
        _faults.Clear();
    }

    /// <summary>Has an operation take this long on the clock.</summary>
    public void StallAt(long operation, long ms) => _stalls[operation] = ms;

    public bool Exists(string name) => _seen.ContainsKey(name);

    public SimulatedFile Open(string name)
        => _seen.TryGetValue(name, out var inode) ? new SimulatedFile(this, inode, name) : throw Failure("find", name, DiskFault.Error);

    public SimulatedFile Create(string name)
    {
        Do("create", name);
        var inode = new DiskInode();
        Change(new NameChange(null, name, inode));
        return new SimulatedFile(this, inode, name);
    }

    public void Rename(string from, string to)
    {
        Do("rename", from);
        Change(new NameChange(from, to, _seen[from]));
    }

    public void Delete(string name)
    {
        Do("delete", name);
        Change(new NameChange(name, null, _seen[name]));
    }

    public void FlushFolder()
    {
        Do("flush", "folder");
        foreach (var change in _pending)
            change.Apply(_durable);
        _pending.Clear();
    }

    /// <summary>The power fails; what is left is what the disk has. Open files are of no use any more.</summary>
    public void Crash(CrashPolicy policy)
    {
        Lives++;
        foreach (var change in _pending)
        {
            if (policy == CrashPolicy.KeepAll || (policy == CrashPolicy.Random && Random.OneIn(2)))
                change.Apply(_durable);
        }

        _pending.Clear();
        foreach (var inode in _durable.Values.Distinct())
            inode.Crash(policy, Random);
        _seen = new Dictionary<string, DiskInode>(_durable, StringComparer.Ordinal);
        Heal();
    }

    /// <summary>The process dies, the machine does not: everything that was written stays to be seen.</summary>
    public void KillProcess()
    {
        Lives++;
        Heal();
    }

    /// <summary>A bit changes by itself.</summary>
    public void FlipBit(string name, long offset, int bit) => _seen[name].FlipBit(offset, bit);

    internal static SimulatedDiskException Failure(string what, string name, DiskFault fault)
        => new($"can't {what} {name}: {(fault == DiskFault.NoSpace ? "no space left on device" : "input/output error")}", fault);

    internal SimulatedCrashException PowerLost(bool isWithinWrite = false)
    {
        LastCrashWasWithinWrite = isWithinWrite;
        return new SimulatedCrashException(Operations - 1);
    }

    /// <summary>Counts an operation and says what goes wrong with it.</summary>
    internal DiskFault? Begin(string what, string name, out int crashBytes)
    {
        var operation = Operations++;
        if (_stalls.Remove(operation, out var ms))
            clock?.Advance(ms);
        var isPlanned = _faults.Remove(operation, out var planned);
        crashBytes = planned.CrashBytes;
        return isPlanned ? planned.Fault : _failsFromNowOn ?? Fails?.Invoke(what, name);
    }

    /// <summary>An operation that happens as a whole or not at all.</summary>
    internal void Do(string what, string name)
    {
        switch (Begin(what, name, out _))
        {
            case DiskFault.Crash:
                throw PowerLost();
            case { } fault:
                throw Failure(what, name, fault);
        }
    }

    internal void RequireRoom(string what, string name, long moreBytes)
    {
        if (moreBytes > 0 && UsedBytes + moreBytes > CapacityBytes)
            throw Failure(what, name, DiskFault.NoSpace);
    }

    private void Change(NameChange change)
    {
        change.Apply(_seen);
        _pending.Add(change);
    }

    /// <summary>A name that goes, one that comes, or both at once.</summary>
    private sealed record NameChange(string? Old, string? New, DiskInode Inode)
    {
        public void Apply(Dictionary<string, DiskInode> names)
        {
            if (Old is not null && names.TryGetValue(Old, out var there) && ReferenceEquals(there, Inode))
                names.Remove(Old);
            if (New is not null)
                names[New] = Inode;
        }
    }
}
