namespace Flotilla.Gearman;

/// <summary>Everything that goes wrong between us and a job server or a job. What a caller may catch for all of it.</summary>
public class GearmanException(string message, Exception? inner = null) : Exception(message, inner);
