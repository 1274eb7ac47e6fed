using System.Text.Json.Serialization;

namespace Flotilla.Cluster.Topology;

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, RespectNullableAnnotations = true, Converters = [typeof(WordConverter<TopologyRole>), typeof(WordConverter<TopologyStatus>)])]
[JsonSerializable(typeof(ClusterTopology))]
internal sealed partial class TopologyJsonContext : JsonSerializerContext;
