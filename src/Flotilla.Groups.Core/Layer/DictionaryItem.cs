namespace Flotilla.Groups.Core;

/// <summary>A value and its version: the position in the log of the write.</summary>
public sealed record DictionaryItem(ulong Version, ReadOnlyMemory<byte> Value);
