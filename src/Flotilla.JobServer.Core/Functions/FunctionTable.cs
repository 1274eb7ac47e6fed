using Flotilla.Primitives;

namespace Flotilla.JobServer.Core;

/// <summary>
/// All functions, by name and by number. A number that a dropped function leaves is given again, so numbers stay as few as the functions
/// that were there at one time; who keeps something by number must compare the name too.
/// </summary>
internal sealed class FunctionTable(JobMachineOptions options)
{
    private const int ShardBits = 4;
    private readonly HashIndex _byName = new(ShardBits);
    private readonly KeyedHash _hash = new(options.HashSeed);
    private readonly Stack<int> _free = new();
    private FunctionState?[] _functions = new FunctionState?[16];
    private byte[] _ready = new byte[16];

    /// <summary>One more than the largest number.</summary>
    public int End { get; private set; }

    public int Count => _byName.Count;

    public FunctionState this[int index] => _functions[index]!;

    /// <summary>Null where a function was dropped.</summary>
    public FunctionState? At(int index) => _functions[index];

    /// <summary>One bit per priority that can be handed out now, bit 0 for high.</summary>
    public byte ReadyMask(int index) => _ready[index];

    public void UpdateReady(FunctionState function) => _ready[function.Index] = function.ReadyMask;

    public FunctionState? Find(ReadOnlySpan<byte> name)
    {
        var probe = 0;
        while (_byName.TryNext(_hash.Of(0, name), ref probe, out var index))
        {
            if (name.SequenceEqual(_functions[index]!.Name))
                return _functions[index];
        }

        return null;
    }

    /// <summary>The function of this name, made on first use; null when there are too many.</summary>
    public FunctionState? FindOrAdd(ReadOnlySpan<byte> name)
    {
        if (Find(name) is { } known)
            return known;
        if (_byName.Count >= options.FunctionsMax)
            return null;
        var index = NextIndex();
        var function = new FunctionState(index, name.ToArray()) { Limits = options.DefaultQueueLimits, Policy = options.DefaultPolicy };
        _functions[index] = function;
        _byName.Add(_hash.Of(0, name), index);
        return function;
    }

    /// <summary>Takes the name away; the number still leads to it until <see cref="Remove"/>.</summary>
    public void Unname(FunctionState function)
    {
        _byName.Remove(_hash.Of(0, function.Name), function.Index);
        function.IsDropped = true;
        function.IsListed = false;
    }

    /// <summary>Forgets a function that was unnamed; its number is free. Again for the same function does nothing.</summary>
    public void Remove(FunctionState function)
    {
        if (_functions[function.Index] != function)
            return;
        Invariant.Require(function.IsDropped);
        _functions[function.Index] = null;
        _ready[function.Index] = 0;
        _free.Push(function.Index);
    }

    private int NextIndex()
    {
        if (_free.TryPop(out var free))
            return free;
        if (End == _functions.Length)
        {
            Array.Resize(ref _functions, End * 2);
            Array.Resize(ref _ready, End * 2);
        }

        return End++;
    }
}
