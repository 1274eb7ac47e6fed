namespace Flotilla.Groups.Core.Tests.Layer;

/// <summary>An entry of the one log.</summary>
internal sealed record WorldEntry(Delivery Delivery, byte[] Body, MemberId Sender, ulong Number, ClusterView? View, ulong Epoch);
