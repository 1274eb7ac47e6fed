namespace Flotilla.MySql;

/// <summary>Where a server is, who we are, and what we put up with.</summary>
public sealed record MySqlOptions
{
    private const int LargestPacketBytes = 1 << 30;

    /// <summary>Host name or address. Default 127.0.0.1.</summary>
    public string Host { get; init; } = "127.0.0.1";

    /// <summary>TCP port, 1 to 65535. Default 3306.</summary>
    public int Port { get; init; } = 3306;

    /// <summary>Path of a Unix socket; takes the place of host and port. Default none.</summary>
    public string? UnixSocket { get; init; }

    /// <summary>User. Default root.</summary>
    public string User { get; init; } = "root";

    /// <summary>Password; empty for none. Default empty.</summary>
    public string Password { get; init; } = "";

    /// <summary>Schema to start in. Default none.</summary>
    public string? Database { get; init; }

    /// <summary>Encryption. Default none: the password is never sent in the clear all the same, but what follows is.</summary>
    public MySqlTlsMode Tls { get; init; } = MySqlTlsMode.None;

    /// <summary>PEM file of the authorities to trust, instead of the system's. Default none.</summary>
    public string? TlsCaFile { get; init; }

    /// <summary>PEM file of our own certificate, where the server wants one. Default none.</summary>
    public string? TlsCertificateFile { get; init; }

    /// <summary>PEM file of its key; default: in the certificate's file.</summary>
    public string? TlsKeyFile { get; init; }

    /// <summary>Name the server's certificate must have under <see cref="MySqlTlsMode.VerifyFull"/>. Default <see cref="Host"/>.</summary>
    public string? TlsServerName { get; init; }

    /// <summary>Compress with zlib, if the server does: saves network, costs processor. Default off.</summary>
    public bool Compress { get; init; }

    /// <summary>Allow several statements in one query: also allows them to whoever slips text into one. Default off.</summary>
    public bool MultiStatements { get; init; }

    /// <summary>Affected rows count rows found rather than rows changed. Default off.</summary>
    public bool FoundRows { get; init; }

    /// <summary>Serves LOAD DATA LOCAL INFILE. Default none: the server is told that we do not, and refused when it asks.</summary>
    public LocalInfileHandler? LocalInfile { get; init; }

    /// <summary>
    /// Ask the server for its public key to send a password without TLS (caching_sha2_password, sha256_password). Who sits in between can
    /// answer with his own key and read the password. Default off.
    /// </summary>
    public bool AllowPublicKeyRetrieval { get; init; }

    /// <summary>PEM file of the server's public key, which makes asking for it needless. Default none.</summary>
    public string? ServerPublicKeyFile { get; init; }

    /// <summary>
    /// Authentication methods we take part in. Default all that are built in. A shorter list keeps a false server from choosing the weakest.
    /// </summary>
    public IReadOnlyList<string> AuthMethods { get; init; } =
    [
        "caching_sha2_password", "client_ed25519", "sha256_password", "mysql_native_password", "unix_socket", "auth_socket", "mysql_clear_password",
    ];

    /// <summary>What performance_schema.session_connect_attrs shows of us, besides our own name and process. Default none.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Attributes { get; init; } = [];

    /// <summary>From the first packet to a usable session. Default 10 s; infinite is allowed.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long the server may be silent while a command waits for it; then the statement is killed. Default 30 s; infinite is allowed.
    /// </summary>
    public TimeSpan CommandTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a killed statement may take to end before the connection is dropped. Default 5 s; infinite is allowed.</summary>
    public TimeSpan KillTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Larger answers end the connection: memory for one must be there at once. Default 64 MiB, 16 KiB to 1 GiB.</summary>
    public int MaxPacketBytes { get; init; } = 64 * 1024 * 1024;

    /// <summary>Clock of the timeouts.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Where this leads, for messages.</summary>
    public string Server => UnixSocket ?? $"{Host}:{Port}";

    /// <summary>What is wrong with these options; empty when nothing is.</summary>
    public IReadOnlyList<string> Problems()
    {
        var problems = new List<string>();
        if (UnixSocket is null && Host.Length == 0)
            problems.Add("Host must not be empty");
        if (UnixSocket is { Length: 0 or > 107 })
            problems.Add("UnixSocket must have 1 to 107 characters: the system takes no longer path");
        if (Port is < 1 or > 65535)
            problems.Add($"Port is {Port}, but must be 1 to 65535");
        if (MaxPacketBytes is < 16 * 1024 or > LargestPacketBytes)
            problems.Add($"MaxPacketBytes is {MaxPacketBytes}, but must be 16384 to {LargestPacketBytes}");
        CheckDuration(ConnectTimeout, nameof(ConnectTimeout), problems);
        CheckDuration(CommandTimeout, nameof(CommandTimeout), problems);
        CheckDuration(KillTimeout, nameof(KillTimeout), problems);
        if (TlsKeyFile is not null && TlsCertificateFile is null)
            problems.Add("TlsKeyFile needs TlsCertificateFile");
        if (Tls == MySqlTlsMode.None && (TlsCaFile ?? TlsCertificateFile) is not null)
            problems.Add("TlsCaFile and TlsCertificateFile need Tls");
        return problems;
    }

    /// <summary>Throws <see cref="MySqlOptionsException"/> naming all problems.</summary>
    public void Validate()
    {
        var problems = Problems();
        if (problems.Count > 0)
            throw new MySqlOptionsException("the options cannot be used: " + string.Join("; ", problems));
    }

    /// <summary>Never shows the password.</summary>
    public override string ToString() => $"{User}@{Server}{(Database is null ? "" : "/" + Database)}";

    private static void CheckDuration(TimeSpan value, string name, List<string> problems)
    {
        if (value != Timeout.InfiniteTimeSpan && (value <= TimeSpan.Zero || value > TimeSpan.FromDays(24)))
            problems.Add($"{name} is {value}, but must be above zero and at most 24 days, or infinite");
    }
}
