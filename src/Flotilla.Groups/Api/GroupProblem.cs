namespace Flotilla.Groups;

/// <summary>Something went wrong in this program, not in the group: a handler threw, a message could not be read.</summary>
/// <param name="Group">In which group.</param>
/// <param name="What">In words.</param>
/// <param name="Failure">What the handler threw, if one did.</param>
public sealed record GroupProblem(string Group, string What, Exception? Failure);
