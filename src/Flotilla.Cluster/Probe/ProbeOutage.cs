namespace Flotilla.Cluster.Probe;

/// <summary>A time in which a writer got nothing acknowledged.</summary>
/// <param name="Writer">Which one, from 0 on.</param>
/// <param name="LastSuccess">When the last write before it was acknowledged.</param>
/// <param name="FirstSuccess">When the first one after it was.</param>
/// <param name="Gap">The time between the two, by a clock that nobody sets.</param>
/// <param name="From">Server of the last write before it.</param>
/// <param name="To">Server of the first write after it.</param>
/// <param name="Failed">Writes that were refused or not answered meanwhile.</param>
public sealed record ProbeOutage(int Writer, DateTimeOffset LastSuccess, DateTimeOffset FirstSuccess, TimeSpan Gap, string From, string To, int Failed);
