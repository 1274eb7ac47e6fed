namespace Flotilla.TestSupport.Fuzz;

/// <summary>What a run that found nothing has done.</summary>
public sealed record FuzzReport(string Name, ulong Seed, int Inputs, TimeSpan Elapsed);
