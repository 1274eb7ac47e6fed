namespace Flotilla.Groups.Core.Layer;

/// <summary>A message of a persistent group, read back.</summary>
internal sealed record RecoveredMessage(GroupDeliveryKind Kind, ulong Sequence, ulong Epoch, Delivery Delivery, MemberId Sender, byte[] Body);
