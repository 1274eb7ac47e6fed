namespace Flotilla.Sandbox;

/// <summary>A server somewhere, for scripts that reach it over the network.</summary>
/// <param name="Name">Its folder's name: master, node1, ...</param>
/// <param name="Host">Its address.</param>
/// <param name="Port">Its port.</param>
/// <param name="ServerId">Its server_id.</param>
/// <param name="Sources">Names of the servers it replicates from; empty for one that is replicated from.</param>
public sealed record RemoteServer(string Name, string Host, int Port, uint ServerId, IReadOnlyList<string> Sources);
