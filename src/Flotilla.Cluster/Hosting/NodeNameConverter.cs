using System.Text.Json;
using System.Text.Json.Serialization;
using Flotilla.Cluster.Core;

namespace Flotilla.Cluster.Hosting;

/// <summary>A node's name as text.</summary>
internal sealed class NodeNameConverter : JsonConverter<NodeName>
{
    public override NodeName Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => new(reader.GetString() ?? "");

    public override void Write(Utf8JsonWriter writer, NodeName value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());
}
