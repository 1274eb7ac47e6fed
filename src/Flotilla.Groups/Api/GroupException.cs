namespace Flotilla.Groups;

/// <summary>Something that was asked of a group did not happen, or nobody knows whether it did.</summary>
public sealed class GroupException(GroupError error, string message, Exception? inner = null) : Exception(message, inner)
{
    public GroupError Error { get; } = error;
}
