using System.Text.Json;

namespace Flotilla.Cluster.Topology;

/// <summary>The topology as JSON, both ways. See docs/protocols/topology.md.</summary>
public static class TopologyJson
{
    /// <summary>In one line.</summary>
    public static byte[] Write(ClusterTopology topology) => JsonSerializer.SerializeToUtf8Bytes(topology, TopologyJsonContext.Default.ClusterTopology);

    /// <summary>Reads what <see cref="Write"/> wrote. Names that are not known are passed over.</summary>
    /// <exception cref="FormatException">It is none.</exception>
    public static ClusterTopology Read(ReadOnlySpan<byte> json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, TopologyJsonContext.Default.ClusterTopology) is { Members.IsDefault: false } topology && topology.Members.All(member => member is not null)
                ? topology
                : throw new FormatException("this is no topology");
        }
        catch (JsonException wrong)
        {
            throw new FormatException($"this is no topology: {wrong.Message}", wrong);
        }
    }
}
