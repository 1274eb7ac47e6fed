using System.Globalization;

namespace Flotilla.Cluster.Topology;

/// <summary>What a server says of itself.</summary>
public sealed record Announcement(string Host, int Port, TopologyStatus Status, TopologyRole Role)
{
    public string Name => string.Create(CultureInfo.InvariantCulture, $"{Host}:{Port}");
}
