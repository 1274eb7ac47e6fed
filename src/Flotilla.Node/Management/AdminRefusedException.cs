namespace Flotilla.Node.Management;

/// <summary>The job server refused a command or a job: its code (<c>UNKNOWN_JOB</c>, <c>QUEUE_ERROR</c>, ...), and for people its words.</summary>
public sealed class AdminRefusedException(string code, string text, Exception? inner = null) : Exception(Words(code, text), inner)
{
    public string Code { get; } = code;

    /// <summary>Some of gearmand's refusals have no code: what stands in its place is the first word of a sentence.</summary>
    public bool HasCode { get; } = IsCode(code);

    private static bool IsCode(string code) => code.All(one => char.IsAsciiLetterUpper(one) || one == '_');

    private static string Words(string code, string text)
    {
        if (!IsCode(code))
            return $"{code} {text}".TrimEnd();
        if (text.Length > 0)
            return code == "INVALID_ARGUMENTS" ? $"not accepted: {text}" : text;
        return code == "UNKNOWN_JOB" ? "the server does not know the job" : $"refused: {code}";
    }
}
