namespace Flotilla.Groups.Core.Layer;

/// <summary>How far this node is with a group.</summary>
internal enum LocalPhase : byte
{
    /// <summary>Its join is not submitted (again) yet.</summary>
    Wanted,

    /// <summary>Its join is on the way.</summary>
    Submitted,

    /// <summary>It is a member without the state: what is delivered is held back.</summary>
    Waiting,

    /// <summary>It delivers.</summary>
    Active,

    Left,
}
