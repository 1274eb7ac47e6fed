namespace Flotilla.Groups;

/// <summary>The handlers of messages of one type, in the order they were given.</summary>
internal sealed class TypedMessageHandler<T> : MessageHandler
{
    public List<Func<T, MessageContext, Task>> All { get; } = [];

    public override Func<Task> Prepare(MessageType type, ReadOnlySpan<byte> body, int version, MessageContext context)
    {
        var message = ((TypedMessageType<T>)type).Read(body, version);
        return async () =>
        {
            foreach (var handler in All)
                await handler(message, context).ConfigureAwait(false);
        };
    }
}
