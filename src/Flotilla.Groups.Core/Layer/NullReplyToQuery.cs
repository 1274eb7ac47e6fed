namespace Flotilla.Groups.Core;

/// <summary>Answers a query with nothing: this member has no opinion.</summary>
public sealed record NullReplyToQuery(ulong Correlation) : GroupCommand;
