using Flotilla.Cluster.Core;

namespace Flotilla.Cluster.Hosting;

/// <summary>What that server waits for: its node answers.</summary>
internal sealed record ExplainQuestion(ServerName Server);
