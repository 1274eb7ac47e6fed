using Flotilla.Cluster.Core;

namespace Flotilla.Cluster.Servers;

/// <summary>An action on a server failed: which, at which statement or program, and what the answer was. Never holds a password.</summary>
public sealed class ServerActionException(
    ServerName server, string action, ServerActionProblem problem, string? statement, string answer, Exception? cause = null)
    : Exception($"{server}: {action}: {answer}{(statement is null ? "" : $" (at: {statement})")}", cause)
{
    public ServerName Server { get; } = server;

    /// <summary>In words, as <c>stop receiving</c>.</summary>
    public string Action { get; } = action;

    public ServerActionProblem Problem { get; } = problem;

    /// <summary>Its last statement may be carried out yet: nobody knows whether the server has read it.</summary>
    public bool IsInDoubt => Problem is ServerActionProblem.TimedOut or ServerActionProblem.Unreachable;

    /// <summary>The statement or program under way; null where there was none.</summary>
    public string? Statement { get; } = statement;

    /// <summary>The server's or the program's words.</summary>
    public string Answer { get; } = answer;
}
