namespace Flotilla.Groups.Core.Log;

/// <summary>Where a proposer is.</summary>
internal enum ChangePhase
{
    Idle,
    Probing,
    Preparing,

    /// <summary>Its own log is completed to the cut.</summary>
    Fetching,
    Accepting,

    /// <summary>Accepted; leases of members that are dropped still run.</summary>
    WaitingForLeases,
}
