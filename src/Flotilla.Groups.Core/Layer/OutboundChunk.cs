namespace Flotilla.Groups.Core.Layer;

/// <summary>A chunk; the checksum is of all before and this one.</summary>
internal readonly record struct OutboundChunk(byte[] Bytes, bool IsLast, uint Checksum);
