namespace Flotilla.Gearman;

/// <summary>What a server knows of a job at this moment.</summary>
/// <param name="IsKnown">False once the job has ended, or never was.</param>
/// <param name="IsRunning">True when a worker has it.</param>
/// <param name="Progress">As last reported by its worker.</param>
/// <param name="WaitingClients">Clients that wait for its result; null where the question was by handle, which does not tell.</param>
public readonly record struct JobStatus(bool IsKnown, bool IsRunning, JobProgress Progress, long? WaitingClients);
