using System.Text.Json.Serialization;
using Flotilla.Cluster.Core;

namespace Flotilla.Cluster.Hosting;

/// <summary>
/// How commands, the state and questions between nodes become bytes. A property that is missing where it is read is null or zero, whatever its initializer says: whoever adds one to a
/// type of a released version sees to that, and to the level of the rules that it belongs to. A property that is not known where it is read is an error: passed over, it would make two states
/// of one.
/// </summary>
[JsonSourceGenerationOptions(IgnoreReadOnlyProperties = true, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow, Converters = [typeof(ServerNameConverter), typeof(NodeNameConverter), typeof(PositionConverter)])]
[JsonSerializable(typeof(ClusterCommand))]
[JsonSerializable(typeof(ClusterState))]
[JsonSerializable(typeof(BackupQuestion))]
[JsonSerializable(typeof(BackupAnswer))]
internal sealed partial class ClusterJson : JsonSerializerContext;
