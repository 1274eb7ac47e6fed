namespace Flotilla.Integration.Tests.Conformance;

/// <summary>One difference between C gearmand's transcript and ours that is on purpose.</summary>
/// <param name="Item">Why: quirk-N or BN of docs/protocols/gearman.md, `2.0` (changed there too), `hostile` (malformed input is refused with an ERROR too) or `extension`.</param>
/// <param name="Scenario">The scenario in which it shows.</param>
/// <param name="Difference">The lines, with minus for theirs and plus for ours.</param>
internal sealed record AllowedDifference(string Item, string Scenario, string Difference);
