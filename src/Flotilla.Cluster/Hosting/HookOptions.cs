namespace Flotilla.Cluster.Hosting;

/// <summary>What people want to be done when a primary is made: a program, or a job.</summary>
public sealed record HookOptions
{
    private static readonly TimeSpan WithinMax = TimeSpan.FromMinutes(1);

    /// <summary>The program and its arguments. It finds FLOTILLA_SERVER, FLOTILLA_HOST, FLOTILLA_PORT, FLOTILLA_EPOCH and FLOTILLA_CAUSE in its environment; any exit code but 0 is a failure.</summary>
    public IReadOnlyList<string> Command { get; init; } = [];

    /// <summary>In place of a program: the function of a job for the node's own job server, whose workload is an object with <c>server</c>, <c>host</c>, <c>port</c>, <c>epoch</c> and <c>cause</c>. Default none.</summary>
    public string? Function { get; init; }

    /// <summary>It is given up after so long, a program killed, and has failed. Default 5 s, above zero and at most a minute: writes wait for the one before the promotion.</summary>
    public TimeSpan Within { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>All that is wrong; empty when nothing is.</summary>
    public IReadOnlyList<string> Validate()
    {
        List<string> problems = [];
        if (Command.Count > 0 == Function is { Length: > 0 })
            problems.Add("one of command and function is needed");
        if (Command.Count > 0 && !Path.IsPathFullyQualified(Command[0]))
            problems.Add("command: the program must be an absolute path");
        if (Within <= TimeSpan.Zero || Within > WithinMax)
            problems.Add($"within: {Within} is not above zero and at most a minute");
        return problems;
    }
}
