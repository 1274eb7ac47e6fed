using Flotilla.Node;

namespace Flotilla.Cli.Commands.Jobs;

/// <summary>What <c>jobs serve</c> was asked for.</summary>
/// <param name="Node">The server and what is around it.</param>
/// <param name="Log">Where it logs, and what.</param>
/// <param name="AsJson">Whether the addresses are told as JSON.</param>
internal sealed record ServeSettings(NodeOptions Node, LogSettings Log, bool AsJson);
