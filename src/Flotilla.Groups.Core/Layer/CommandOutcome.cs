namespace Flotilla.Groups.Core;

/// <summary>How a command ended. Borrowed: valid during the call.</summary>
public readonly ref struct CommandOutcome
{
    public required CommandResult Result { get; init; }

    /// <summary>In words, when it did not succeed.</summary>
    public string? Reason { get; init; }

    /// <summary>For sends: position in the log. For locks: the fencing token. For joins: the group's number on this node. For dictionaries: a version.</summary>
    public ulong Number { get; init; }

    /// <summary>For one member's answer to a query: whose. More outcomes follow; the command ends with one that has none here.</summary>
    public MemberId From { get; init; }

    public ReadOnlySpan<byte> Body { get; init; }

    /// <summary>For <see cref="OpenDictionary"/>.</summary>
    public DictionaryCopy? Dictionary { get; init; }
}
