using System.Text.Json.Serialization;

namespace Flotilla.Deployment;

/// <summary>What kind of thing went wrong; worker and deployer mean the same by it.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<DeploymentProblem>))]
public enum DeploymentProblem
{
    /// <summary>Arguments make no sense, or the server has no such feature.</summary>
    [JsonStringEnumMemberName("bad_request")]
    BadRequest,

    /// <summary>A server, tarball, tool or plugin is not there.</summary>
    [JsonStringEnumMemberName("missing")]
    Missing,

    /// <summary>A port, name or folder is taken; the message says by whom.</summary>
    [JsonStringEnumMemberName("conflict")]
    Conflict,

    /// <summary>There is no such sandbox, file or deployment.</summary>
    [JsonStringEnumMemberName("not_found")]
    NotFound,

    /// <summary>A file could not be written; often the disk is full.</summary>
    [JsonStringEnumMemberName("storage")]
    Storage,

    /// <summary>A tarball is not what its checksum or name says.</summary>
    [JsonStringEnumMemberName("checksum")]
    Checksum,

    /// <summary>A server did not start, or refused a statement.</summary>
    [JsonStringEnumMemberName("server_failed")]
    ServerFailed,

    /// <summary>A replica does not replicate.</summary>
    [JsonStringEnumMemberName("replication_failed")]
    ReplicationFailed,

    /// <summary>No job server knows a worker of the host, or its worker went away.</summary>
    [JsonStringEnumMemberName("unreachable")]
    Unreachable,

    /// <summary>The job server is open to others and we have neither secret nor certificate.</summary>
    [JsonStringEnumMemberName("not_authorized")]
    NotAuthorized,

    /// <summary>A defect, or an answer that is none.</summary>
    [JsonStringEnumMemberName("internal")]
    Internal,
}
