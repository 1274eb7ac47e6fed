namespace Flotilla.Gearman;

/// <summary>The job server refused a request: an ERROR packet, or an <c>ERR</c> line in answer to a text command.</summary>
public sealed class GearmanServerException(string code, string text) : GearmanException($"the job server answered {code}: {text}")
{
    /// <summary>The name of the error, as <c>QUEUE_ERROR</c> or <c>UNKNOWN_JOB</c>.</summary>
    public string Code { get; } = code;

    /// <summary>What the server says for people.</summary>
    public string Text { get; } = text;
}
