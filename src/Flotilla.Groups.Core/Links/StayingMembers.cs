using System.Collections.Immutable;

namespace Flotilla.Groups.Core.Links;

/// <summary>A cut detector's answer: the largest set of members that hear one another and hold a majority, and why the others are out.</summary>
internal sealed record StayingMembers(ulong Epoch, ImmutableArray<MemberId> Stay, ImmutableArray<MemberId> Go, string Why);
