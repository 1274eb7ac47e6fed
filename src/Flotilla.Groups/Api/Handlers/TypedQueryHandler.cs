using System.Buffers;

namespace Flotilla.Groups;

/// <summary>The handler of one type of query and its reply.</summary>
internal sealed class TypedQueryHandler<TQuery, TReply>(Func<TQuery, MessageContext, Task<TReply?>> answer, MessageCatalog catalog) : QueryHandler
{
    public override Func<Task<byte[]?>> Prepare(MessageType type, ReadOnlySpan<byte> body, int version, MessageContext context)
    {
        var query = ((TypedMessageType<TQuery>)type).Read(body, version);
        return async () =>
        {
            if (await answer(query, context).ConfigureAwait(false) is not { } reply)
                return null;
            var writer = new ArrayBufferWriter<byte>();
            catalog.Write(reply, writer);
            return writer.WrittenSpan.ToArray();
        };
    }
}
