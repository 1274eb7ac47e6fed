namespace Flotilla.Groups.Core;

/// <summary>
/// Puts a value into the group's dictionary, or removes it (no value). Done brings the new version; Refused (the condition does not hold) the
/// version that is there, 0 for none, and its value.
/// </summary>
public sealed record WriteDictionary(uint Group, string Key, ReadOnlyMemory<byte>? Value) : GroupCommand
{
    public DictionaryCondition Condition { get; init; }

    public ulong Version { get; init; }

    public Delivery Delivery { get; init; } = Delivery.Ordered;
}
