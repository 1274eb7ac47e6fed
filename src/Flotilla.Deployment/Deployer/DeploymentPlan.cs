namespace Flotilla.Deployment;

/// <summary>What will be done, decided after all hosts were asked; nothing has been written.</summary>
/// <param name="Journal">The journal to be.</param>
/// <param name="Steps">In words, in order.</param>
public sealed record DeploymentPlan(DeploymentJournal Journal, IReadOnlyList<string> Steps);
