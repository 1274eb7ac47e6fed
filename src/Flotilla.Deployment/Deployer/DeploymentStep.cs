namespace Flotilla.Deployment;

/// <summary>Something a deployer does, told when it begins.</summary>
/// <param name="Number">Counts from 1; of a detail, that of its step.</param>
/// <param name="Total">How many there will be.</param>
/// <param name="Text">As <c>installing slave 0 (hostb, 10.0.0.2:11119)</c>.</param>
/// <param name="IsDetail">Told by a worker within the step.</param>
public readonly record struct DeploymentStep(int Number, int Total, string Text, bool IsDetail);
