using System.Text.Json.Serialization;

namespace Flotilla.Sandbox;

/// <summary>What a server is for; decides which of the options it gets.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<SandboxRole>))]
public enum SandboxRole
{
    /// <summary>It replicates with nobody, or nobody has said yet.</summary>
    [JsonStringEnumMemberName("standalone")]
    Standalone,

    /// <summary>Others replicate from it and it from none.</summary>
    [JsonStringEnumMemberName("primary")]
    Primary,

    /// <summary>It replicates.</summary>
    [JsonStringEnumMemberName("replica")]
    Replica,

    /// <summary>Both: a member of a ring or one of all masters.</summary>
    [JsonStringEnumMemberName("peer")]
    Peer,
}
