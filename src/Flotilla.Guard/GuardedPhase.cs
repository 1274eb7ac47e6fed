namespace Flotilla.Guard;

/// <summary>Where the server is in its life.</summary>
public enum GuardedPhase : byte
{
    /// <summary>This guard has not had one yet.</summary>
    None = 0,

    Running = 1,

    /// <summary>Its process is gone, with every thread of it.</summary>
    Ended = 2,
}
