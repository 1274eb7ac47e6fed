namespace Flotilla.Guard;

/// <summary>Why the guard sent SIGKILL.</summary>
public enum KillCause : byte
{
    /// <summary>It did not.</summary>
    None = 0,

    /// <summary>The lease was over.</summary>
    Deadline = 1,

    /// <summary>Its node said so.</summary>
    Told = 2,

    /// <summary>It was told to stop, and did not in time.</summary>
    Grace = 3,
}
