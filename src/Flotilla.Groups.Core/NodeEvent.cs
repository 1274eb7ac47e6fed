namespace Flotilla.Groups.Core;

/// <summary>Something worth a line in a log, past tense. <paramref name="Text"/> is made only for rare events.</summary>
public readonly record struct NodeEvent(NodeEventKind Kind, NodeId Peer, ulong Number, string? Text);
