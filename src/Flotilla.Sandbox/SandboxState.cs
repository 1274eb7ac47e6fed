using System.Text.Json.Serialization;

namespace Flotilla.Sandbox;

/// <summary>How far a sandbox is; kept in its <c>sandbox.json</c>, which is the journal of its making and removal.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<SandboxState>))]
public enum SandboxState
{
    /// <summary>Its name, ports and passwords are decided and reserved; anything below its folder may be half done.</summary>
    [JsonStringEnumMemberName("planned")]
    Planned,

    /// <summary>Servers, users and replication are as asked for.</summary>
    [JsonStringEnumMemberName("made")]
    Made,

    /// <summary>It is being taken away; what is left is rubbish.</summary>
    [JsonStringEnumMemberName("removing")]
    Removing,
}
