namespace Flotilla.Groups.Core;

/// <summary>The application can't make the checkpoint it was asked for: another donor is asked.</summary>
public sealed record CheckpointFailed(ulong Correlation, string Reason) : GroupCommand;
