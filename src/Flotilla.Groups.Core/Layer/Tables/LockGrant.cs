namespace Flotilla.Groups.Core.Layer;

/// <summary>A lock was given to a member's request.</summary>
internal readonly record struct LockGrant(MemberId Member, ulong Request, ulong Token);
