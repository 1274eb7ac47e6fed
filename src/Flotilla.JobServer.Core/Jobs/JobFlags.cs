namespace Flotilla.JobServer.Core;

[Flags]
internal enum JobFlags : byte
{
    None = 0,

    /// <summary>Lives without a client.</summary>
    Background = 1,

    /// <summary>The store was given its record.</summary>
    Stored = 2,

    /// <summary>The store has not yet answered for its record.</summary>
    StorePending = 4,

    /// <summary>Can be found by its unique key.</summary>
    Indexed = 8,

    /// <summary>Its unique is <c>-</c>: the payload is the key.</summary>
    DataIsKey = 16,

    /// <summary>Died by WORK_FAIL or WORK_EXCEPTION rather than by lost workers.</summary>
    DiedFailing = 32,
}
