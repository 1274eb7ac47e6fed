namespace Flotilla.Sandbox;

/// <summary>The statements of replication in a server's own dialect.</summary>
/// <param name="flavor">Family.</param>
/// <param name="version">Version.</param>
public sealed class ReplicationStatements(ServerFlavor flavor, ServerVersion version)
{
    private bool IsMariaDb => flavor == ServerFlavor.MariaDb;

    /// <summary>MySQL 8.0.23 and later speak of sources and replicas.</summary>
    private bool SaysReplica => !IsMariaDb && version >= new ServerVersion(8, 0, 23);

    /// <summary>A row per connection of a replica.</summary>
    public string ShowStatus => IsMariaDb ? "SHOW ALL SLAVES STATUS" : SaysReplica ? "SHOW REPLICA STATUS" : "SHOW SLAVE STATUS";

    /// <summary>File and position that a server writes to now.</summary>
    public string ShowCoordinates => !IsMariaDb && version >= new ServerVersion(8, 2, 0) ? "SHOW BINARY LOG STATUS" : "SHOW MASTER STATUS";

    public static ReplicationStatements For(ServerInstallation server) => new(server.Flavor, server.Version);

    /// <summary>Ends and forgets a connection; nothing when there is none.</summary>
    public IReadOnlyList<string> Disconnect(string channel)
    {
        var word = SaysReplica ? "REPLICA" : "SLAVE";
        return [$"STOP {Of(word, channel)}", IsMariaDb ? $"RESET {Of(word, channel)} ALL" : $"RESET {word} ALL{For(channel)}"];
    }

    /// <summary>Points a replica to its source; it does not start.</summary>
    public string Connect(ReplicationSource source)
    {
        var word = SaysReplica ? "SOURCE" : "MASTER";
        var settings = new List<string>
        {
            $"{word}_HOST={Quote(source.Host)}",
            $"{word}_PORT={source.Port}",
            $"{word}_USER={Quote(source.User)}",
            $"{word}_PASSWORD={Quote(source.Password)}",
            $"{word}_CONNECT_RETRY=1",
        };
        if (source.UseGtid)
            settings.Add(IsMariaDb ? "MASTER_USE_GTID=slave_pos" : $"{word}_AUTO_POSITION=1");
        else
            settings.AddRange([$"{word}_LOG_FILE={Quote(source.LogFile)}", $"{word}_LOG_POS={source.LogPosition}"]);
        if (source.CertificateAuthority is { } authority)
            settings.AddRange([$"{word}_SSL=1", $"{word}_SSL_CA={Quote(authority)}", $"{word}_SSL_VERIFY_SERVER_CERT=1"]);
        else if (SaysReplica)
            settings.Add("GET_SOURCE_PUBLIC_KEY=1");
        var list = string.Join(", ", settings);
        return SaysReplica ? $"CHANGE REPLICATION SOURCE TO {list}{For(source.Channel)}"
            : IsMariaDb && source.Channel.Length > 0 ? $"CHANGE MASTER {Quote(source.Channel)} TO {list}"
            : $"CHANGE MASTER TO {list}{For(source.Channel)}";
    }

    public string Start(string channel) => $"START {Of(SaysReplica ? "REPLICA" : "SLAVE", channel)}";

    public string Stop(string channel) => $"STOP {Of(SaysReplica ? "REPLICA" : "SLAVE", channel)}";

    /// <summary>A string literal, whatever the server's sql_mode makes of backslashes.</summary>
    internal static string Quote(string text)
        => text.Contains('\\', StringComparison.Ordinal) || text.Any(char.IsControl)
            ? throw new SandboxException(SandboxProblem.BadRequest, $"'{text}' holds a backslash or a control character")
            : $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";

    private string Of(string word, string channel)
        => IsMariaDb && channel.Length > 0 ? $"{word} {Quote(channel)}" : $"{word}{For(channel)}";

    private string For(string channel) => IsMariaDb || channel.Length == 0 ? "" : $" FOR CHANNEL {Quote(channel)}";
}
