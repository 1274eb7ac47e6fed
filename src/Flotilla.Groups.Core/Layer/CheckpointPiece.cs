namespace Flotilla.Groups.Core;

/// <summary>
/// A piece of the checkpoint that was asked for under a correlation. Done means: give the next one. At most <see cref="MaxBytes"/>.
/// </summary>
public sealed record CheckpointPiece(ulong Correlation, ReadOnlyMemory<byte> Body, bool IsLast) : GroupCommand
{
    public const int MaxBytes = 64 << 10;
}
