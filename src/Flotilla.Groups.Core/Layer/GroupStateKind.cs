namespace Flotilla.Groups.Core;

/// <summary>What state a member keeps for a group.</summary>
public enum GroupStateKind : byte
{
    /// <summary>None: a newcomer delivers from its first view on.</summary>
    None = 0,

    /// <summary>A member hands its state to a newcomer; it is gone when all are gone.</summary>
    Transferred = 1,

    /// <summary>Also kept on disk, from where it comes back after all were gone. Who creates the group decides this for all.</summary>
    Persistent = 2,
}
