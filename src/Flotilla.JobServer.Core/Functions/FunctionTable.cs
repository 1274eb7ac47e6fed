namespace Flotilla.JobServer.Core;

/// <summary>All functions, by name and by number. A number is never given twice; a dropped function leaves a hole.</summary>
internal sealed class FunctionTable(JobMachineOptions options)
{
    private const int ShardBits = 4;
    private readonly HashIndex _byName = new(ShardBits);
    private readonly KeyedHash _hash = new(options.HashSeed);
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
        if (End == _functions.Length)
        {
            Array.Resize(ref _functions, End * 2);
            Array.Resize(ref _ready, End * 2);
        }

        var function = new FunctionState(End, name.ToArray()) { Limits = options.DefaultQueueLimits, Policy = options.DefaultPolicy };
        _functions[End] = function;
        _byName.Add(_hash.Of(0, name), End);
        End++;
        return function;
    }

    /// <summary>Takes the name away; the number still leads to it until <see cref="Remove"/>.</summary>
    public void Unname(FunctionState function)
    {
        _byName.Remove(_hash.Of(0, function.Name), function.Index);
        function.IsDropped = true;
        function.IsListed = false;
    }

    public void Remove(FunctionState function) => _functions[function.Index] = null;
}
