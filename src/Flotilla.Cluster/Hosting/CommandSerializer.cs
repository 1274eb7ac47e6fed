using System.Buffers;
using System.Text.Json;
using Flotilla.Cluster.Core;
using Flotilla.Groups;

namespace Flotilla.Cluster.Hosting;

/// <summary>
/// Commands as JSON. What can't be read is handed on as such, and never passed over, as the group does with a message that it can't read: the node's state would no longer be everybody's.
/// </summary>
internal sealed class CommandSerializer : IMessageSerializer<CommandMessage>
{
    public string Name => "cluster";

    /// <summary>For good: the group passes over a higher one. What is new belongs to a level of <see cref="ClusterState.Level"/>.</summary>
    public int Version => 1;

    public void Write(CommandMessage message, IBufferWriter<byte> writer)
    {
        using var json = new Utf8JsonWriter(writer);
        JsonSerializer.Serialize(json, message.Command!, ClusterJson.Default.ClusterCommand);
    }

    public CommandMessage Read(ReadOnlySpan<byte> bytes, int version)
    {
        try
        {
            return JsonSerializer.Deserialize(bytes, ClusterJson.Default.ClusterCommand) is { } command ? new(command) : new(null, "it is null");
        }
        catch (Exception problem) when (problem is JsonException or NotSupportedException or FormatException)
        {
            return new(null, problem.Message);
        }
    }
}
