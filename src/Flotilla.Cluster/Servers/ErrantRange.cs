using System.Globalization;

namespace Flotilla.Cluster.Servers;

/// <summary>Transactions that one server has in its log and the primary has not.</summary>
/// <param name="Domain">Their domain.</param>
/// <param name="Server">The server that wrote them.</param>
/// <param name="After">The last sequence that the primary has too; 0 for none.</param>
/// <param name="To">The last that is here.</param>
public readonly record struct ErrantRange(uint Domain, uint Server, ulong After, ulong To)
{
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Domain}-{Server}-({After}..{To}]");
}
