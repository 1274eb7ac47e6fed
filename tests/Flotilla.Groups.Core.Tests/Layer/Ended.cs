namespace Flotilla.Groups.Core.Tests.Layer;

/// <summary>An outcome as a test reads it.</summary>
internal sealed record Ended(ulong Token, CommandResult Result, ulong Number, string Body)
{
    public MemberId From { get; init; }

    public string? Reason { get; init; }

    public DictionaryCopy? Dictionary { get; init; }
}
