namespace Flotilla.Groups;

/// <summary>A handler of one type of message.</summary>
internal abstract class MessageHandler
{
    /// <summary>Reads the message (throws when its bytes make no sense), and returns what to run.</summary>
    public abstract Func<Task> Prepare(MessageType type, ReadOnlySpan<byte> body, int version, MessageContext context);
}
