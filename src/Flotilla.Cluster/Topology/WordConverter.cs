using System.Text.Json;
using System.Text.Json.Serialization;

namespace Flotilla.Cluster.Topology;

/// <summary>A value of an enumeration as a word in small letters.</summary>
internal sealed class WordConverter<T>() : JsonStringEnumConverter<T>(JsonNamingPolicy.CamelCase, allowIntegerValues: false)
    where T : struct, Enum;
