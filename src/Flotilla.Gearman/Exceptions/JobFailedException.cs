namespace Flotilla.Gearman;

/// <summary>
/// A job ended without a result (WORK_FAIL). A client gets it from the wait; a handler throws it to fail its job on purpose.
/// </summary>
public class JobFailedException(string message, Exception? inner = null) : GearmanException(message, inner)
{
    public JobFailedException()
        : this("the job failed")
    {
    }

    /// <summary>Which job; the default value where a handler threw it.</summary>
    public JobHandle Handle { get; init; }
}
