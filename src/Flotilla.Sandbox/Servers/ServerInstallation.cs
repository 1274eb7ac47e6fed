using System.Text.Json.Serialization;

namespace Flotilla.Sandbox;

/// <summary>Where the programs and files of one server version stand. Found by <see cref="ServerFinder"/>; immutable.</summary>
public sealed record ServerInstallation
{
    public required ServerFlavor Flavor { get; init; }

    public required ServerVersion Version { get; init; }

    /// <summary>What the server calls itself, as <c>10.11.19-MariaDB-0+deb12u1</c>.</summary>
    public required string VersionText { get; init; }

    /// <summary>The server program: mariadbd or mysqld.</summary>
    public required string Server { get; init; }

    /// <summary>The folder the server's relative paths begin at.</summary>
    public required string Basedir { get; init; }

    /// <summary>Folder with <c>english/errmsg.sys</c>.</summary>
    public required string MessagesDir { get; init; }

    /// <summary>Folder of plugins; null when there is none.</summary>
    public string? PluginDir { get; init; }

    /// <summary>SQL files that make the system tables, in order; empty for servers that initialise themselves.</summary>
    public IReadOnlyList<string> SystemTables { get; init; } = [];

    /// <summary>The command-line client.</summary>
    public required string Client { get; init; }

    /// <summary>mariadb-admin or mysqladmin.</summary>
    public required string Admin { get; init; }

    /// <summary>mariadb-binlog or mysqlbinlog; null when it is not there.</summary>
    public string? Binlog { get; init; }

    /// <summary>Folders with client tools, the server's own first.</summary>
    public IReadOnlyList<string> ToolFolders { get; init; } = [];

    /// <summary>Folders with libraries that came with the server and not with the system.</summary>
    public IReadOnlyList<string> LibraryFolders { get; init; } = [];

    [JsonIgnore]
    public bool IsMariaDb => Flavor == ServerFlavor.MariaDb;

    /// <summary>MySQL 5.7 and later: <c>--initialize-insecure</c> in place of SQL files.</summary>
    [JsonIgnore]
    public bool InitialisesItself => !IsMariaDb && Version >= new ServerVersion(5, 7, 6);

    [JsonIgnore]
    public bool HasGlobalTransactionIds => IsMariaDb ? Version >= new ServerVersion(10, 0, 2) : Version >= new ServerVersion(5, 6, 9);

    /// <summary>One server can replicate from several.</summary>
    [JsonIgnore]
    public bool HasMultiSource => IsMariaDb ? Version >= new ServerVersion(10, 0, 1) : Version >= new ServerVersion(5, 7, 6);

    /// <summary>CHANGE REPLICATION SOURCE TO, SHOW REPLICA STATUS: MySQL 8.0.23 and later.</summary>
    [JsonIgnore]
    public bool SaysReplica => !IsMariaDb && Version >= new ServerVersion(8, 0, 23);

    /// <summary>Semi-synchronous replication without a plugin: MariaDB 10.3 and later.</summary>
    [JsonIgnore]
    public bool HasSemiSyncBuiltIn => IsMariaDb && Version >= new ServerVersion(10, 3, 3);

    /// <summary>TLS that today's clients agree to.</summary>
    [JsonIgnore]
    public bool HasModernTls => IsMariaDb ? Version >= new ServerVersion(10, 1, 0) : Version >= new ServerVersion(5, 7, 28);

    /// <summary><c>mariadb_10_11_19</c>: the part of default sandbox names that tells the server.</summary>
    [JsonIgnore]
    public string NamePart => $"{(IsMariaDb ? "mariadb_" : "")}{Version.Major}_{Version.Minor}_{Version.Patch}";

    /// <summary>True when the plugin folder holds that file.</summary>
    public bool HasPlugin(string file) => PluginDir is { } folder && File.Exists(Path.Combine(folder, file));

    public override string ToString() => $"{(IsMariaDb ? "MariaDB" : "MySQL")} {Version} ({Server})";
}
