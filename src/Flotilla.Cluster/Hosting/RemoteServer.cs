using Flotilla.Cluster.Servers;

namespace Flotilla.Cluster.Hosting;

/// <summary>A server as the network shows it.</summary>
internal sealed record RemoteServer(ServerAddress Address, ServerControl Control, ServerObserver Observer);
