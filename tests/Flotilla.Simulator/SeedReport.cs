namespace Flotilla.Simulator;

/// <summary>What became of a seed, from whichever build ran it.</summary>
internal sealed record SeedReport(
    ulong Seed,
    ulong EffectHash,
    long Events,
    long VirtualNs,
    string Parameters,
    IReadOnlyList<string> Violations,
    IReadOnlyList<string> Plan,
    IReadOnlyDictionary<string, long> Fired,
    Func<int, IEnumerable<string>> Tail);
