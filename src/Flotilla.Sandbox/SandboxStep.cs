namespace Flotilla.Sandbox;

/// <summary>One step of making, starting or removing a sandbox, told when it begins.</summary>
/// <param name="Number">Counts from 1.</param>
/// <param name="Total">How many there will be; grows when more turns out to be needed.</param>
/// <param name="Text">What is being done, as <c>installing master</c>.</param>
public readonly record struct SandboxStep(int Number, int Total, string Text);
