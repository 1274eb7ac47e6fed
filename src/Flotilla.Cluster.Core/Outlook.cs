using System.Collections.Immutable;

namespace Flotilla.Cluster.Core;

/// <summary>What comes of something that a person wants of the cluster, as far as it can be told before.</summary>
/// <param name="Refusal">Why it is not done; null when it is.</param>
/// <param name="Follows">What follows, in sentences.</param>
public sealed record Outlook(string? Refusal, ImmutableArray<string> Follows)
{
    internal static Outlook Refuse(string why) => new(why, []);

    internal static Outlook Of(params IEnumerable<string?> follows) => new(null, [.. follows.OfType<string>()]);
}
