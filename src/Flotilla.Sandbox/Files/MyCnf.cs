using System.Text;

namespace Flotilla.Sandbox;

/// <summary>The option files of a server and of its clients.</summary>
internal static class MyCnf
{
    /// <summary>Commits wait for a replica this long: the longest a 32-bit server takes, 49 days. Shorter means silently without.</summary>
    private const uint SemiSyncTimeoutMs = uint.MaxValue;

    private const string LogFileSize = "innodb_log_file_size=8M";

    /// <summary>my.cnf: the server, and clients as msandbox.</summary>
    public static string Server(NodeFiles node)
    {
        var spec = node.Spec;
        var text = new StringBuilder("# Written by 'flotilla sandbox'. add_option adds to it.\n[mysqld]\n");
        foreach (var (key, value) in Settings(node))
            _ = value is null ? text.Append($"{key}\n") : text.Append($"{key}={value}\n");
        foreach (var option in spec.Options)
            text.Append($"{option}\n");
        foreach (var option in node.Node.Role is SandboxRole.Primary or SandboxRole.Peer ? spec.PrimaryOptions : [])
            text.Append($"{option}\n");
        foreach (var option in node.Node.IsReplica ? spec.ReplicaOptions : [])
            text.Append($"{option}\n");
        return text.Append('\n').Append(Client(node, "msandbox", node.Credentials.User)).ToString();
    }

    /// <summary>The option file of a client of its own.</summary>
    public static string Client(NodeFiles node, string user, string password)
    {
        var text = new StringBuilder("[client]\n");
        text.Append($"user={user}\npassword={password}\nsocket={node.Socket}\nport={node.Node.Port}\n");
        if (node.Spec.Tls)
            text.Append($"ssl-ca={node.Tls.Authority}\n");
        text.Append($"\n[mysql]\nprompt={node.Node.Name} [{node.Node.Port}] {{\\u}} (\\d) > \n");
        return text.ToString();
    }

    /// <summary>The option file of a client of a server on another host.</summary>
    public static string RemoteClient(RemoteServer server, string user, string password, string? certificateAuthority)
    {
        var text = new StringBuilder("[client]\n");
        text.Append($"user={user}\npassword={password}\nhost={server.Host}\nport={server.Port}\nprotocol=tcp\nconnect-timeout=10\n");
        if (certificateAuthority is not null)
            text.Append($"ssl-ca={certificateAuthority}\n");
        return text.Append($"\n[mysql]\nprompt={server.Name} [{server.Host}:{server.Port}] {{\\u}} (\\d) > \n").ToString();
    }

    /// <summary>What a server needs to make a fresh data folder.</summary>
    public static string Template(SandboxSpec spec, string folder)
    {
        var text = new StringBuilder("[mysqld]\n");
        foreach (var (key, value) in Programs(spec.Server))
            text.Append($"{key}={value}\n");
        text.Append($"datadir={folder}/data\ntmpdir={folder}/tmp\nperformance_schema=OFF\ninnodb_buffer_pool_size=32M\n{LogFileSize}\n");
        foreach (var option in ShapeOptions(spec))
            text.Append($"{option}\n");
        return text.ToString();
    }

    /// <summary>Options that decide what a fresh data folder looks like, and so which template it can be copied from.</summary>
    public static IEnumerable<string> ShapeOptions(SandboxSpec spec)
        => spec.Options.Select(WithUnderscores).Where(option =>
            option.StartsWith("innodb", StringComparison.Ordinal) || option.StartsWith("aria", StringComparison.Ordinal)
            || option.StartsWith("lower_case_table_names", StringComparison.Ordinal));

    /// <summary>The key in the one of its two spellings; values stay as they are.</summary>
    private static string WithUnderscores(string option)
    {
        var key = option.Split('=')[0];
        return key.Replace('-', '_') + option[key.Length..];
    }

    private static IEnumerable<(string Key, string? Value)> Programs(ServerInstallation server)
    {
        // Servers refuse to run as root unless told so by name.
        if (Environment.UserName == "root")
            yield return ("user", "root");
        yield return ("basedir", server.Basedir);
        yield return ("lc-messages-dir", server.MessagesDir);
        yield return ("character-sets-dir", Path.Combine(server.MessagesDir, "charsets"));
        if (server.PluginDir is { } plugins)
            yield return ("plugin-dir", plugins);
    }

    private static IEnumerable<(string Key, string? Value)> Settings(NodeFiles node)
    {
        var (spec, server) = (node.Spec, node.Spec.Server);
        foreach (var setting in Programs(server))
            yield return setting;
        yield return ("datadir", node.Data);
        yield return ("tmpdir", node.Temp);
        yield return ("secure-file-priv", node.Temp);
        yield return ("socket", node.Socket);
        yield return ("pid-file", Path.Combine(node.Folder, "mysqld.pid"));
        yield return ("log-error", Path.Combine(node.Folder, "error.log"));
        yield return ("port", $"{node.Node.Port}");
        yield return ("bind-address", spec.BindAddress);
        yield return ("report-host", spec.Host);
        yield return ("report-port", $"{node.Node.Port}");
        yield return ("server-id", $"{node.Node.ServerId}");
        yield return ("skip-name-resolve", null);
        yield return ("log-bin", "mysql-bin");
        yield return ("relay-log", "mysql-relay");
        yield return ("binlog-format", "ROW");
        yield return ("innodb_buffer_pool_size", "32M");
        yield return ("innodb_log_file_size", LogFileSize.Split('=')[1]);
        yield return ("max_connections", "151");
        // A sandbox is one of many on its machine: what is used by few is taken by none.
        yield return ("performance_schema", "OFF");
        if (!server.IsMariaDb)
            yield return ("loose-mysqlx", "OFF");
        foreach (var setting in Replication(node).Concat(SemiSync(node)).Concat(Tls(node)))
            yield return setting;
    }

    private static IEnumerable<(string, string?)> Replication(NodeFiles node)
    {
        var (spec, server, topology) = (node.Spec, node.Spec.Server, node.Spec.Topology);
        // Among all masters everything comes from where it was written, never by way of another.
        var passesOn = topology != SandboxTopology.AllMasters;
        if (passesOn && (!server.IsMariaDb || node.Node.Role != SandboxRole.Standalone || topology != SandboxTopology.Multiple))
            yield return (!server.IsMariaDb && server.Version >= new ServerVersion(8, 0, 26) ? "log-replica-updates" : "log-slave-updates", null);
        if (server.IsMariaDb && topology is SandboxTopology.Ring or SandboxTopology.AllMasters or SandboxTopology.FanIn)
            yield return ("gtid_domain_id", $"{node.Node.ServerId}");
        if (server.IsMariaDb && spec.HasGtid && node.Node.Role is SandboxRole.Primary or SandboxRole.Replica && topology is SandboxTopology.Single or SandboxTopology.Replication)
            yield return ("gtid_strict_mode", "ON");
        if (!server.IsMariaDb && spec.HasGtid)
        {
            yield return ("gtid-mode", "ON");
            yield return ("enforce-gtid-consistency", server.Version < new ServerVersion(5, 7, 0) ? null : "ON");
        }

        if (!server.IsMariaDb && server.Version >= new ServerVersion(5, 6, 0) && server.Version < new ServerVersion(8, 0, 0))
        {
            yield return ("master-info-repository", "TABLE");
            yield return ("relay-log-info-repository", "TABLE");
            yield return ("relay-log-recovery", "ON");
        }

        if (topology is SandboxTopology.Ring or SandboxTopology.AllMasters)
        {
            yield return ("auto_increment_increment", $"{spec.NodeCount}");
            yield return ("auto_increment_offset", $"{node.Index + 1}");
        }
    }

    private static IEnumerable<(string, string?)> SemiSync(NodeFiles node)
    {
        if (!node.Spec.SemiSync)
            yield break;
        var server = node.Spec.Server;
        // With the flag of a primary a replica that logs what it applies would wait for a replica of its own.
        var (isPrimary, isReplica) = (node.Node.Role == SandboxRole.Primary, node.Node.IsReplica);
        var (primary, replica) = server.HasPlugin("semisync_source.so") && !server.HasSemiSyncBuiltIn ? ("source", "replica") : ("master", "slave");
        if (!server.HasSemiSyncBuiltIn)
            yield return ("plugin-load-add", $"semisync_{primary}.so;semisync_{replica}.so");
        if (isPrimary)
        {
            yield return ($"rpl_semi_sync_{primary}_enabled", "ON");
            yield return ($"rpl_semi_sync_{primary}_timeout", $"{SemiSyncTimeoutMs}");
            if (server.IsMariaDb || server.Version >= new ServerVersion(5, 7, 2))
                yield return ($"rpl_semi_sync_{primary}_wait_point", "AFTER_SYNC");
        }

        if (isReplica)
            yield return ($"rpl_semi_sync_{replica}_enabled", "ON");
        yield return ("sync_binlog", "1");
        yield return ("innodb_flush_log_at_trx_commit", "1");
        yield return ("sync_relay_log", "1");
    }

    private static IEnumerable<(string, string?)> Tls(NodeFiles node)
    {
        if (!node.Spec.Tls)
            yield break;
        yield return ("ssl-ca", node.Tls.Authority);
        yield return ("ssl-cert", node.Tls.Certificate);
        yield return ("ssl-key", node.Tls.Key);
    }
}
