using Flotilla.Groups.Core;

namespace Flotilla.Groups;

/// <summary>One member's answer to a query.</summary>
public sealed record MemberReply<T>(MemberId From, ReplyStatus Status, T? Value, string? Reason);
