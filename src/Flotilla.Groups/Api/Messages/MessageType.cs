namespace Flotilla.Groups;

/// <summary>A known type of message.</summary>
internal abstract class MessageType
{
    public abstract int Version { get; }
}
