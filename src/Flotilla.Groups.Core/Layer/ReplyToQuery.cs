namespace Flotilla.Groups.Core;

/// <summary>Answers a query that was delivered here; the first answer counts.</summary>
public sealed record ReplyToQuery(ulong Correlation, ReadOnlyMemory<byte> Body) : GroupCommand;
