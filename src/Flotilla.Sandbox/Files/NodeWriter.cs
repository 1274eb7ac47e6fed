using System.Text;

namespace Flotilla.Sandbox;

/// <summary>Writes everything below a server's folder but its data. Writing again changes nothing.</summary>
internal static class NodeWriter
{
    public static void Write(NodeFiles node, string? template)
    {
        Directory.CreateDirectory(node.Folder, SafeFile.Folder);
        Directory.CreateDirectory(node.Temp, SafeFile.Folder);
        SafeFile.Write(Path.Combine(node.Folder, "my.cnf"), MyCnf.Server(node), SafeFile.Secret);
        SafeFile.Write(Path.Combine(node.Folder, "my.root.cnf"), MyCnf.Client(node, "root", node.Credentials.Root), SafeFile.Secret);
        SafeFile.Write(Path.Combine(node.Folder, "my.rw.cnf"), MyCnf.Client(node, "msandbox_rw", node.Credentials.ReadWrite), SafeFile.Secret);
        SafeFile.Write(Path.Combine(node.Folder, "my.ro.cnf"), MyCnf.Client(node, "msandbox_ro", node.Credentials.ReadOnly), SafeFile.Secret);
        SafeFile.Write(Path.Combine(node.Folder, "grants.sql"), GrantsSql.Create(node.Spec, node.Credentials), SafeFile.Secret);
        SafeFile.Write(
            Path.Combine(node.Folder, "sb_env"),
            Environment(node.Node.Name, node.Spec.Server, node.Node.Port, template),
            SafeFile.Public);
        WriteScripts(node.Folder);
        if (node.Node.Sources.Count > 0)
            SafeFile.Write(Path.Combine(node.Folder, "replication.sql"), ReplicationSql(node), SafeFile.Secret);
    }

    public static void WriteScripts(string folder)
    {
        foreach (var name in Scripts.Node)
            SafeFile.Write(Path.Combine(folder, name), Scripts.Read("node", name), name == "sb_include" ? SafeFile.Public : SafeFile.Program);
    }

    /// <summary>sb_env: what the scripts know of the server. No secrets.</summary>
    public static string Environment(string name, ServerInstallation server, int port, string? template)
    {
        var text = new StringBuilder("# Which server the scripts beside are about.\n");
        foreach (var (key, value) in (ReadOnlySpan<(string, string)>)
        [
            ("SB_NAME", name),
            ("SB_PORT", $"{port}"),
            ("SB_SERVER", server.Server),
            ("SB_CLIENT", server.Client),
            ("SB_ADMIN", server.Admin),
            ("SB_BINLOG", server.Binlog ?? ""),
            ("SB_TOOLS", string.Join(':', server.ToolFolders)),
            ("SB_LIBRARY_PATH", string.Join(':', server.LibraryFolders)),
            ("SB_TEMPLATE", template ?? ""),
            ("SB_INIT_FILES", string.Join('\n', server.SystemTables)),
            ("SB_INIT_SQL", InitSql(server)),
        ])
            text.Append($"{key}={Scripts.Quote(value)}\n");
        return text.ToString();
    }

    /// <summary>How the replica is connected: for initialize_slaves.</summary>
    private static string ReplicationSql(NodeFiles node)
    {
        var statements = ReplicationStatements.For(node.Spec.Server);
        var text = new StringBuilder();
        foreach (var source in GroupWiring.SourcesOf(node))
            text.Append($"{statements.Connect(source)};\n{statements.Start(source.Channel)};\n");
        return text.ToString();
    }

    /// <summary>Takes away the users without a password that system tables come with, all but root@localhost, which gets one at the first start.</summary>
    private static string InitSql(ServerInstallation server)
    {
        if (server.InitialisesItself)
            return "";
        var users = server.IsMariaDb && server.Version >= new ServerVersion(10, 4, 1) ? "global_priv" : "user";
        return $"DELETE FROM mysql.{users} WHERE User = '' OR (User = 'root' AND Host <> 'localhost');\nDELETE FROM mysql.db WHERE User = '';\nDELETE FROM mysql.proxies_priv WHERE Host <> 'localhost';";
    }
}
