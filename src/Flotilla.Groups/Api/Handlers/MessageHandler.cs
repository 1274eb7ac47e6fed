namespace Flotilla.Groups;

/// <summary>A handler of one type of message.</summary>
internal abstract class MessageHandler
{
    /// <summary>Reads the message at once (throws when its bytes make no sense), and runs the program's handlers.</summary>
    public abstract Task RunAsync(MessageType type, ReadOnlySpan<byte> body, int version, MessageContext context);
}
