namespace Flotilla.Gearman;

/// <summary>A job whose result could not be delivered.</summary>
/// <param name="Handle">The job; without text where the server does not say which.</param>
/// <param name="Function">Its function; empty where the server does not say.</param>
/// <param name="Reason">Why.</param>
public readonly record struct JobLoss(JobHandle Handle, string Function, JobLossReason Reason);
