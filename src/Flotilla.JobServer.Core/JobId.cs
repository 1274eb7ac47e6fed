namespace Flotilla.JobServer.Core;

/// <summary>A job's number: unique over the life of a store, so a handle is never given twice, not even after a restart.</summary>
public readonly record struct JobId(ulong Value);
