namespace Flotilla.JobServer.Core;

internal enum HeldReplyKind : byte
{
    /// <summary>JOB_CREATED or an ERROR, when the store has answered.</summary>
    JobCreated,

    /// <summary>A long listing, written in slices.</summary>
    Listing,
}
