namespace Flotilla.JobServer.Core;

/// <summary>
/// How many jobs of one function may wait, per priority: queued, delayed or being stored; running jobs do not count. 0 is no limit.
/// </summary>
/// <param name="High">Of high priority. Default 0.</param>
/// <param name="Normal">Of normal priority. Default 0.</param>
/// <param name="Low">Of low priority. Default 0.</param>
public readonly record struct QueueLimits(int High, int Normal, int Low)
{
    public int Of(JobPriority priority) => priority switch
    {
        JobPriority.High => High,
        JobPriority.Normal => Normal,
        JobPriority.Low => Low,
        _ => throw new ArgumentOutOfRangeException(nameof(priority)),
    };
}
