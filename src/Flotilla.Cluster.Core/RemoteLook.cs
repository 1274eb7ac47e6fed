namespace Flotilla.Cluster.Core;

/// <summary>What was seen of another node's server.</summary>
/// <param name="Plan">The plan that was known, with its fence in place, when the look began; 0 for none. What was seen before a fence proves nothing.</param>
public sealed record RemoteLook(long BegunNs, ulong Plan, ServerObservation Seen);
