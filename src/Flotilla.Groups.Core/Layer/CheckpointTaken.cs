namespace Flotilla.Groups.Core;

/// <summary>
/// The application took so many more pieces of the checkpoint it loads. A few dozen travel ahead of it, and only when it took the last one is
/// the member counted as having the state.
/// </summary>
public sealed record CheckpointTaken(ulong Correlation, int Pieces = 1) : GroupCommand;
