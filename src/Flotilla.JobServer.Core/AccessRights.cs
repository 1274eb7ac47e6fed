namespace Flotilla.JobServer.Core;

/// <summary>What a peer may do with a function.</summary>
[Flags]
public enum AccessRights
{
    None = 0,

    /// <summary>Submit jobs and schedules, ask for their status.</summary>
    Submit = 1,

    /// <summary>Register for the function and run its jobs.</summary>
    Work = 2,

    /// <summary>Text commands: on the function, or, where the function pattern matches the empty name, on the server.</summary>
    Admin = 4,

    All = Submit | Work | Admin,
}
