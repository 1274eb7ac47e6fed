using System.Text.Json.Serialization;

namespace Flotilla.Deployment;

/// <summary>How far one server of a deployment is.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<NodeProgress>))]
public enum NodeProgress
{
    /// <summary>Nothing has been done on its host.</summary>
    [JsonStringEnumMemberName("planned")]
    Planned,

    /// <summary>Its making has begun: something may be there.</summary>
    [JsonStringEnumMemberName("installing")]
    Installing,

    /// <summary>It runs.</summary>
    [JsonStringEnumMemberName("installed")]
    Installed,

    /// <summary>It runs, and replicates if it is a replica.</summary>
    [JsonStringEnumMemberName("done")]
    Done,
}
