namespace Flotilla.Gearman;

/// <summary>A job sent more partial data than <see cref="GearmanClientOptions.MaxJobBufferBytes"/> before anyone took it.</summary>
public sealed class JobBufferOverflowException(JobHandle handle, long limitBytes)
    : GearmanException($"more than {limitBytes} bytes of updates of job {handle} wait to be taken")
{
    public JobHandle Handle { get; } = handle;
}
