namespace Flotilla.Gearman;

/// <summary>What an update of a foreground job tells.</summary>
public enum JobUpdateKind
{
    /// <summary>A part of the result (WORK_DATA).</summary>
    Data,

    /// <summary>A warning (WORK_WARNING).</summary>
    Warning,

    /// <summary>Progress (WORK_STATUS).</summary>
    Progress,

    /// <summary>The end, with the result (WORK_COMPLETE). Failures end the stream with an exception instead.</summary>
    Completed,
}
