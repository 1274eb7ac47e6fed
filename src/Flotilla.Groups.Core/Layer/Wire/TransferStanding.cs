namespace Flotilla.Groups.Core.Layer;

/// <summary>What a donor says when it has no chunk to send.</summary>
internal enum TransferStanding : byte
{
    /// <summary>It has not delivered the position asked for yet; or its application is at work.</summary>
    Working = 0,

    /// <summary>It can't: has no state itself, gives too many already, or its application failed. Ask another.</summary>
    Refused = 1,
}
