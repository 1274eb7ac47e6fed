using System.Net;
using System.Text.Json.Serialization;

namespace Flotilla.Sandbox;

/// <summary>What a sandbox shall be. The same spec given twice makes one sandbox.</summary>
public sealed partial record SandboxSpec
{
    public const int NodesMax = 64;

    /// <summary>Its name, and that of its folder: letters, digits, dot, dash, underscore. Null: after topology and version, as <c>msb_5_6_24</c>.</summary>
    public string? Name { get; init; }

    public SandboxTopology Topology { get; init; }

    /// <summary>Servers in all, 1 to 64. Null: 1 for a single one, one more than masters where these are given, else 3.</summary>
    public int? Nodes { get; init; }

    /// <summary>Fan-in only: how many of the servers are replicated from. Null: all but one.</summary>
    public int? Masters { get; init; }

    /// <summary>Single only: which of the options below it gets; groups give their servers roles themselves.</summary>
    public SandboxRole Role { get; init; }

    /// <summary>The programs; find them with <see cref="ServerFinder"/>.</summary>
    public required ServerInstallation Server { get; init; }

    /// <summary>The first server's port, 1 to 65535; the others follow. Taken ports are refused. Null: free ones, near the version's usual port.</summary>
    public int? Port { get; init; }

    /// <summary>Single only: its server_id. Null: its port.</summary>
    public uint? ServerId { get; init; }

    /// <summary>The address servers listen on. Default 127.0.0.1: this machine only.</summary>
    public string BindAddress { get; init; } = "127.0.0.1";

    /// <summary>The address other servers reach this one at. Null: the bind address, or 127.0.0.1 where that is every address.</summary>
    public string? ReportHost { get; init; }

    /// <summary>The host part of users that come over the network; as 10.0.% or %. Default 127.%: this machine only.</summary>
    public string RemoteAccess { get; init; } = "127.%";

    /// <summary>Replicate by global transaction ids; else by file and position. Default true, where the server has them.</summary>
    public bool UseGtid { get; init; } = true;

    /// <summary>Semi-synchronous replication: commits on the primary wait, without limit, until a replica has them.</summary>
    public bool SemiSync { get; init; }

    /// <summary>TLS with a certificate authority of the sandbox's own; clients and replicas verify the server.</summary>
    public bool Tls { get; init; }

    /// <summary>Options for my.cnf, <c>key=value</c> or <c>key</c>; they win over ours.</summary>
    public IReadOnlyList<string> Options { get; init; } = [];

    /// <summary>The same, for servers that are replicated from.</summary>
    public IReadOnlyList<string> PrimaryOptions { get; init; } = [];

    /// <summary>The same, for servers that replicate.</summary>
    public IReadOnlyList<string> ReplicaOptions { get; init; } = [];

    /// <summary>Passwords; null: random ones. Kept in files of mode 600, never in the journal.</summary>
    [JsonIgnore]
    public SandboxCredentials? Credentials { get; init; }

    [JsonIgnore]
    public int NodeCount => Nodes ?? (Topology == SandboxTopology.Single ? 1 : Masters + 1 ?? 3);

    [JsonIgnore]
    public int MasterCount => Masters ?? NodeCount - 1;

    /// <summary>True when replicas are wired by global transaction ids.</summary>
    [JsonIgnore]
    public bool HasGtid => UseGtid && Server.HasGlobalTransactionIds;

    /// <summary>What other servers call this host.</summary>
    [JsonIgnore]
    public string Host => ReportHost ?? (IPAddress.TryParse(BindAddress, out var address) && (address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any)) ? "127.0.0.1" : BindAddress);

    /// <summary>Its name, given or by custom.</summary>
    [JsonIgnore]
    public string FolderName => Name ?? Topology switch
    {
        SandboxTopology.Single => "msb_",
        SandboxTopology.Multiple => "multi_msb_",
        SandboxTopology.Replication => "rsandbox_",
        SandboxTopology.Ring => "rcsandbox_",
        SandboxTopology.AllMasters => "all_masters_msb_",
        SandboxTopology.FanIn => "fan_in_msb_",
        _ => throw new InvalidOperationException($"unknown topology {Topology}"),
    } + Server.NamePart;
}
