namespace Flotilla.Groups;

/// <summary>The handlers of messages of one type, in the order they were given.</summary>
internal sealed class TypedMessageHandler<T> : MessageHandler
{
    public List<Func<T, MessageContext, Task>> All { get; } = [];

    public override Task RunAsync(MessageType type, ReadOnlySpan<byte> body, int version, MessageContext context)
    {
        var message = ((TypedMessageType<T>)type).Read(body, version);
        return All.Count == 1 ? All[0](message, context) : RunAllAsync(message, context);
    }

    private async Task RunAllAsync(T message, MessageContext context)
    {
        foreach (var handler in All)
            await handler(message, context).ConfigureAwait(false);
    }
}
