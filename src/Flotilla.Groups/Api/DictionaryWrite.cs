namespace Flotilla.Groups;

/// <summary>What came of a write to a dictionary.</summary>
/// <param name="IsWritten">False when its condition did not hold.</param>
/// <param name="Version">The new version, or the one that stood in the way; 0 for none.</param>
public readonly record struct DictionaryWrite(bool IsWritten, ulong Version);
