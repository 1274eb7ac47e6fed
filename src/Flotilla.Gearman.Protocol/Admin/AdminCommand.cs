namespace Flotilla.Gearman.Protocol;

/// <summary>What a text line asks for.</summary>
public enum AdminCommand
{
    /// <summary>No such command; answered with <see cref="AdminAnswers.WriteUnknownCommand"/> and the first word.</summary>
    Unknown,

    /// <summary>A known command without the words it needs; answered with <see cref="AdminAnswers.WriteIncomplete"/>.</summary>
    Incomplete,

    /// <summary><c>show</c> with words it does not know; answered with <see cref="AdminAnswers.UnknownShowArguments"/>.</summary>
    ShowUnknown,

    /// <summary><c>cancel</c> with words it does not know; answered with <see cref="AdminAnswers.UnknownError"/>.</summary>
    CancelUnknown,

    /// <summary><c>version</c>.</summary>
    Version,

    /// <summary><c>status</c>.</summary>
    Status,

    /// <summary><c>prioritystatus</c>.</summary>
    PriorityStatus,

    /// <summary><c>workers</c>.</summary>
    Workers,

    /// <summary><c>show jobs</c>.</summary>
    ShowJobs,

    /// <summary><c>show unique jobs</c>.</summary>
    ShowUniqueJobs,

    /// <summary><c>cancel job HANDLE</c>.</summary>
    CancelJob,

    /// <summary><c>create function NAME</c>.</summary>
    CreateFunction,

    /// <summary><c>drop function NAME</c>.</summary>
    DropFunction,

    /// <summary><c>maxqueue NAME [LIMIT | HIGH NORMAL LOW]</c>.</summary>
    MaxQueue,

    /// <summary><c>getpid</c>.</summary>
    GetPid,

    /// <summary><c>verbose</c>.</summary>
    Verbose,

    /// <summary>Ours: <c>auth SECRET</c>.</summary>
    Auth,

    /// <summary>Ours: <c>pause NAME</c>.</summary>
    Pause,

    /// <summary>Ours: <c>resume NAME</c>.</summary>
    Resume,

    /// <summary>Ours: <c>drain NAME</c>.</summary>
    Drain,

    /// <summary>Ours: <c>policy NAME key=value ...</c>.</summary>
    Policy,

    /// <summary>Ours: <c>show functions</c>.</summary>
    ShowFunctions,

    /// <summary>Ours: <c>show server</c>.</summary>
    ShowServer,

    /// <summary>Ours: <c>show job HANDLE</c>.</summary>
    ShowJob,

    /// <summary>Ours: <c>show queue NAME [COUNT]</c>.</summary>
    ShowQueue,

    /// <summary>Ours: <c>show dead [NAME]</c>.</summary>
    ShowDead,

    /// <summary>Ours: <c>show schedules</c>.</summary>
    ShowSchedules,

    /// <summary>Ours: <c>dead retry HANDLE</c>.</summary>
    DeadRetry,

    /// <summary>Ours: <c>dead drop HANDLE</c>.</summary>
    DeadDrop,

    /// <summary>Ours: <c>dead retry all NAME</c>.</summary>
    DeadRetryAll,

    /// <summary>Ours: <c>dead drop all NAME</c>.</summary>
    DeadDropAll,
}
