namespace Flotilla.Groups.Core;

/// <summary>What a <see cref="GroupDelivery"/> is.</summary>
public enum GroupDeliveryKind : byte
{
    Message = 1,

    /// <summary>A message that wants an answer.</summary>
    Query,

    View,

    /// <summary>Make a checkpoint of everything delivered so far, and hand its pieces back under the correlation.</summary>
    MakeCheckpoint,

    /// <summary>A piece of a checkpoint that replaces the application's state; tell with <see cref="CheckpointTaken"/> that it was taken, or no more come.</summary>
    LoadCheckpoint,

    /// <summary>Nobody has a state to give: this member begins it.</summary>
    Create,

    /// <summary>
    /// Forget the state: this node lost the group (evicted), or its donor died before all pieces were here. A checkpoint or
    /// <see cref="Create"/> follows, then a view.
    /// </summary>
    Reset,
}
