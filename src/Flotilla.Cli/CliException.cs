namespace Flotilla.Cli;

/// <summary>An end with a message for people: what is wrong and where, and what can be done about it.</summary>
internal sealed class CliException(ExitCode code, string message, string? hint = null) : Exception(message)
{
    public ExitCode Code { get; } = code;

    /// <summary>What to do; null when the message says it.</summary>
    public string? Hint { get; } = hint;
}
