using System.Text.Json.Serialization;

namespace Flotilla.Deployment;

/// <summary>How far a deployment is.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<DeploymentState>))]
public enum DeploymentState
{
    /// <summary>Begun; resume it or remove it.</summary>
    [JsonStringEnumMemberName("deploying")]
    Deploying,

    /// <summary>All is there.</summary>
    [JsonStringEnumMemberName("deployed")]
    Deployed,

    /// <summary>Being taken away; remove it once more to finish.</summary>
    [JsonStringEnumMemberName("removing")]
    Removing,
}
