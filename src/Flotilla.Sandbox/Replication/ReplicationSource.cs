namespace Flotilla.Sandbox;

/// <summary>What a replica must know to connect to a server.</summary>
public sealed record ReplicationSource
{
    /// <summary>The source's address.</summary>
    public required string Host { get; init; }

    public required int Port { get; init; }

    /// <summary>User with the right REPLICATION SLAVE.</summary>
    public string User { get; init; } = "rsandbox";

    public required string Password { get; init; }

    /// <summary>Name of the connection where a replica has several; empty: the only one.</summary>
    public string Channel { get; init; } = "";

    /// <summary>By global transaction ids.</summary>
    public bool UseGtid { get; init; }

    /// <summary>Without global transaction ids: the binary log to begin with. Default: the first one of a fresh server.</summary>
    public string LogFile { get; init; } = "mysql-bin.000001";

    /// <summary>Position in that log; 4 is its beginning.</summary>
    public long LogPosition { get; init; } = 4;

    /// <summary>PEM file, on the replica's host, of the authority of the source's certificate; null: without TLS.</summary>
    public string? CertificateAuthority { get; init; }

    /// <summary>Without the password.</summary>
    public override string ToString() => Channel.Length == 0 ? $"{Host}:{Port}" : $"{Channel} ({Host}:{Port})";
}
