namespace Flotilla.TestSupport.Fuzz;

/// <summary>
/// What is fuzzed: takes any bytes and returns. Whatever it throws is a crash, so it also throws (asserts) when a result is wrong.
/// </summary>
public delegate void FuzzTarget(ReadOnlySpan<byte> input);
