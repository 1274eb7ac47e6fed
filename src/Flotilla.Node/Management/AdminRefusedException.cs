namespace Flotilla.Node.Management;

/// <summary>The job server refused a command or a job: its code (<c>UNKNOWN_JOB</c>, <c>QUEUE_ERROR</c>, ...) and its words.</summary>
public sealed class AdminRefusedException(string code, string text, Exception? inner = null) : Exception($"{code} {text}".TrimEnd(), inner)
{
    public string Code { get; } = code;
}
