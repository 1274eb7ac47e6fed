using System.Diagnostics;
using Flotilla.Primitives;

namespace Flotilla.TestSupport.Fuzz;

/// <summary>
/// Offers a parser mutations of inputs it accepts, by a seed, until the inputs or the time are used up. Throws
/// <see cref="FuzzCrashException"/> when the target throws, hangs, or allocates too much; the input is then in a file, to be kept
/// as a test (see <c>HexFile</c>). The same seed gives the same inputs.
/// </summary>
public sealed class Fuzzer
{
    private readonly string _name;
    private readonly FuzzTarget _target;
    private readonly FuzzOptions _options;
    private readonly ulong _seed;
    private readonly Mutator _mutator;
    private int _inputs;
    private byte[]? _current;
    private Exception? _failure;

    private Fuzzer(string name, IReadOnlyList<byte[]> seeds, FuzzTarget target, FuzzOptions options)
    {
        _name = name;
        _target = target;
        _options = options;
        _seed = options.Seed ?? SeedOf(name);
        _mutator = new Mutator(new SeededRandom(_seed), seeds, options.MaxInputBytes);
    }

    /// <summary>Runs the target.</summary>
    /// <param name="name">Of the target, for files and messages.</param>
    /// <param name="seeds">Inputs to start from, best taken from the real world. Each is also tried as it is.</param>
    /// <param name="target">The target.</param>
    /// <param name="options">How long; default as in a run of all tests.</param>
    public static FuzzReport Run(string name, IReadOnlyList<byte[]> seeds, FuzzTarget target, FuzzOptions? options = null)
    {
        Invariant.Require(seeds.Count > 0);
        return new Fuzzer(name, seeds, target, (options ?? new FuzzOptions()).WithEnvironment()).Run(seeds);
    }

    private FuzzReport Run(IReadOnlyList<byte[]> seeds)
    {
        var watch = Stopwatch.StartNew();
        var thread = new Thread(() => TryAll(seeds, watch)) { IsBackground = true, Name = "fuzz " + _name };
        thread.Start();
        for (var before = -1; !thread.Join(_options.Stall); before = Volatile.Read(ref _inputs))
        {
            if (before == Volatile.Read(ref _inputs))
                throw Crash("hung", null);
        }

        if (_failure is not null)
            throw Crash("failed", _failure);
        return new FuzzReport(_name, _seed, _inputs, watch.Elapsed);
    }

    private void TryAll(IReadOnlyList<byte[]> seeds, Stopwatch watch)
    {
        try
        {
            foreach (var seed in seeds)
                TryOne(seed.AsSpan(0, Math.Min(seed.Length, _options.MaxInputBytes)));
            while (_inputs < _options.Inputs && watch.Elapsed < _options.Budget)
                TryOne(_mutator.Next());
        }
        catch (Exception failure)
        {
            _failure = failure;
        }
    }

    private void TryOne(ReadOnlySpan<byte> input)
    {
        // Kept in memory of its own, so that the watcher can save the input that a hanging target is still reading.
        _current ??= new byte[_options.MaxInputBytes + sizeof(int)];
        BitConverter.TryWriteBytes(_current, input.Length);
        input.CopyTo(_current.AsSpan(sizeof(int)));
        var before = GC.GetAllocatedBytesForCurrentThread();
        _target(input);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        if (allocated > _options.MaxAllocatedBytes)
            throw new InvalidOperationException($"one input made it allocate {allocated} bytes");
        Volatile.Write(ref _inputs, _inputs + 1);
    }

    private FuzzCrashException Crash(string how, Exception? inner)
    {
        var input = _current.AsSpan(sizeof(int), BitConverter.ToInt32(_current));
        Directory.CreateDirectory(_options.CrashFolder);
        var path = Path.Combine(_options.CrashFolder, $"{_name}-{_seed}-{_inputs}.hex");
        HexFile.Write(path, $"{_name} {how} on input {_inputs} of seed {_seed}\n{inner?.GetType().Name} {inner?.Message}", input);
        return new FuzzCrashException($"{_name} {how} on input {_inputs} of seed {_seed}; the input is in {path}: {inner?.Message}", inner);
    }

    /// <summary>FNV-1a: the same on every machine, unlike a string's own hash.</summary>
    private static ulong SeedOf(string name)
    {
        var hash = 14695981039346656037UL;
        foreach (var character in name)
            hash = (hash ^ character) * 1099511628211UL;
        return hash;
    }
}
