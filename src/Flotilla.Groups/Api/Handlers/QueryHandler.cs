namespace Flotilla.Groups;

/// <summary>The handler of one type of query.</summary>
internal abstract class QueryHandler
{
    /// <summary>Reads the query, and returns what makes the reply: its bytes, or null.</summary>
    public abstract Func<Task<byte[]?>> Prepare(MessageType type, ReadOnlySpan<byte> body, int version, MessageContext context);
}
