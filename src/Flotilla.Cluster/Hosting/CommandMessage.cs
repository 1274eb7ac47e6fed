using Flotilla.Cluster.Core;

namespace Flotilla.Cluster.Hosting;

/// <summary>A command as the group carries it.</summary>
/// <param name="Command">Null where this program can't read it: another version sent it.</param>
/// <param name="Problem">Why it can't.</param>
internal readonly record struct CommandMessage(ClusterCommand? Command, string? Problem = null);
