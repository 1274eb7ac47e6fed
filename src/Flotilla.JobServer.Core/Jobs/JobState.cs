namespace Flotilla.JobServer.Core;

/// <summary>Where a job is in its life.</summary>
internal enum JobState : byte
{
    /// <summary>The slot holds no job.</summary>
    Free,

    /// <summary>Waits for the store; not acknowledged, not runnable.</summary>
    Storing,

    Queued,
    Running,

    /// <summary>Not yet due.</summary>
    Delayed,

    /// <summary>In its function's dead-letter list.</summary>
    Dead,

    /// <summary>Cancelled while running: kept only until its worker lets go, so that what the worker still says is ignored.</summary>
    Cancelled,
}
