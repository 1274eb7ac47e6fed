namespace Flotilla.Cluster.Hosting;

/// <summary>A program that people want to be run when a primary is made. It finds FLOTILLA_SERVER, FLOTILLA_HOST, FLOTILLA_PORT, FLOTILLA_EPOCH and FLOTILLA_CAUSE in its environment.</summary>
public sealed record HookOptions
{
    /// <summary>The program and its arguments.</summary>
    public required IReadOnlyList<string> Command { get; init; }

    /// <summary>It is killed after so long, and has failed. Default 5 s, above zero and at most a minute: writes wait for the one before the promotion.</summary>
    public TimeSpan Within { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>All that is wrong; empty when nothing is.</summary>
    public IReadOnlyList<string> Validate()
    {
        List<string> problems = [];
        if (Command.Count == 0 || !Path.IsPathFullyQualified(Command[0]))
            problems.Add("command: the program must be an absolute path");
        if (Within <= TimeSpan.Zero || Within > TimeSpan.FromMinutes(1))
            problems.Add($"within: {Within} is not above zero and at most a minute");
        return problems;
    }
}
