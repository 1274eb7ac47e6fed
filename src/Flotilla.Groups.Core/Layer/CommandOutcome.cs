namespace Flotilla.Groups.Core;

/// <summary>How a command ended. Borrowed: valid during the call.</summary>
public readonly ref struct CommandOutcome
{
    public required CommandResult Result { get; init; }

    /// <summary>In words, when it did not succeed.</summary>
    public string? Reason { get; init; }

    /// <summary>For sends: position in the log. For locks: the fencing token. For joins: the group's number on this node.</summary>
    public ulong Number { get; init; }

    /// <summary>For one reply of a query: who answered; the command ends with a result that is not <see cref="CommandResult.Partial"/>.</summary>
    public MemberId From { get; init; }

    public ReadOnlySpan<byte> Body { get; init; }
}
