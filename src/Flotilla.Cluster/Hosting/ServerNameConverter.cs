using System.Text.Json;
using System.Text.Json.Serialization;
using Flotilla.Cluster.Core;

namespace Flotilla.Cluster.Hosting;

/// <summary>A server's name as text.</summary>
internal sealed class ServerNameConverter : JsonConverter<ServerName>
{
    public override ServerName Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => new(reader.GetString() ?? "");

    public override void Write(Utf8JsonWriter writer, ServerName value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());
}
