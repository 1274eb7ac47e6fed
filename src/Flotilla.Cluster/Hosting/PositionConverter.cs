using System.Text.Json;
using System.Text.Json.Serialization;
using Flotilla.Cluster.Core;

namespace Flotilla.Cluster.Hosting;

/// <summary>A position as the server says it.</summary>
internal sealed class PositionConverter : JsonConverter<ReplicationPosition>
{
    public override ReplicationPosition Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => ReplicationPosition.Parse(reader.GetString() ?? "");

    public override void Write(Utf8JsonWriter writer, ReplicationPosition value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());
}
