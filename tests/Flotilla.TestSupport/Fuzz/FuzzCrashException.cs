namespace Flotilla.TestSupport.Fuzz;

/// <summary>An input made a target fail. The message names the file that holds it, and the seed that finds it again.</summary>
public sealed class FuzzCrashException(string message, Exception? inner) : Exception(message, inner);
