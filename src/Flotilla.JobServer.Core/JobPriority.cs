namespace Flotilla.JobServer.Core;

/// <summary>In the order in which queues are served; the numbers are those of gearmand's persistent tables.</summary>
public enum JobPriority : byte
{
    High = 0,
    Normal = 1,
    Low = 2,
}
