namespace Flotilla.Cluster.Hosting;

/// <summary>It sends, or why it does not.</summary>
internal sealed record BackupAnswer(string? Refusal);
