namespace Flotilla.Gearman;

/// <summary>What clients learn of an exception that a handler did not catch.</summary>
public enum ExceptionDetail
{
    /// <summary>Nothing: the job fails (WORK_FAIL).</summary>
    None,

    /// <summary>Type and message.</summary>
    Message,

    /// <summary>Type, message, stack and inner exceptions. Only where clients may know the inside of workers.</summary>
    Full,
}
