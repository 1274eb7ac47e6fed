namespace Flotilla.Groups.Core;

/// <summary>Refuses to answer a query, and says why.</summary>
public sealed record AbortReplyToQuery(ulong Correlation, string Reason) : GroupCommand;
