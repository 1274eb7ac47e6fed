namespace Flotilla.Samples.GroupsAot;

/// <summary>A message of the sample.</summary>
internal sealed record Counted(int Number);
