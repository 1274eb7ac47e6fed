using Flotilla.Sandbox;

namespace Flotilla.Cluster.Servers;

/// <summary>Programs that come with a server; null where one is not installed.</summary>
public sealed record ServerPrograms
{
    /// <summary>mariadb-binlog.</summary>
    public string? Binlog { get; init; }

    /// <summary>mariadb-backup.</summary>
    public string? Backup { get; init; }

    /// <summary>mbstream, which unpacks what mariadb-backup streams.</summary>
    public string? BackupStream { get; init; }

    /// <summary>Folders with libraries that came with them and not with the system.</summary>
    public IReadOnlyList<string> LibraryFolders { get; init; } = [];

    /// <summary>Those beside a server.</summary>
    public static ServerPrograms Of(ServerInstallation server) => new()
    {
        Binlog = Find(server, "mariadb-binlog"),
        Backup = Find(server, "mariadb-backup"),
        BackupStream = Find(server, "mbstream"),
        LibraryFolders = server.LibraryFolders,
    };

    private static string? Find(ServerInstallation server, string name)
        => server.IsMariaDb ? server.ToolFolders.Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists) : null;
}
