using System.Text;

namespace Flotilla.Sandbox;

/// <summary>
/// A folder with the scripts of a group (m, s1, n1, use_all, check_slaves, test_replication, ...) whose servers stand on other hosts: they
/// connect over the network. Passwords are in files of mode 600.
/// </summary>
public static class NetworkGroup
{
    private static readonly string[] Scripted = ["sb_include", "use_all", "use_all_masters", "use_all_slaves", "check_slaves", "test_replication"];

    /// <summary>Writes it; writing again changes nothing.</summary>
    /// <param name="folder">Where; made.</param>
    /// <param name="servers">A primary first, then its replicas.</param>
    /// <param name="credentials">The same on all of them.</param>
    /// <param name="statements">Of the servers' version.</param>
    /// <param name="client">The command-line client: a path, or a name that the shell finds.</param>
    public static void Write(
        string folder, IReadOnlyList<NetworkServer> servers, SandboxCredentials credentials, ReplicationStatements statements, string client)
    {
        credentials.Validate();
        Directory.CreateDirectory(folder, SafeFile.Folder);
        foreach (var server in servers)
            WriteServer(Path.Combine(folder, server.Name), server, credentials, client);
        SafeFile.Write(Path.Combine(folder, "sb_env"), Environment(servers, statements), SafeFile.Public);
        foreach (var name in Scripted)
            SafeFile.Write(Path.Combine(folder, name), Scripts.Read("group", name), name == "sb_include" ? SafeFile.Public : SafeFile.Program);
        foreach (var (name, server) in Shortcuts(servers))
        {
            var text = $"#!/bin/sh\n# The command-line client on {server.Name}.\nexec \"$(dirname -- \"$0\")/{server.Name}/use\" \"$@\"\n";
            SafeFile.Write(Path.Combine(folder, name), text, SafeFile.Program);
        }
    }

    private static void WriteServer(string folder, NetworkServer server, SandboxCredentials credentials, string client)
    {
        Directory.CreateDirectory(folder, SafeFile.Folder);
        foreach (var (script, file, user, password) in (ReadOnlySpan<(string, string, string, string)>)
        [
            ("use", "my.cnf", "msandbox", credentials.User),
            ("use_rw", "my.rw.cnf", "msandbox_rw", credentials.ReadWrite),
            ("use_ro", "my.ro.cnf", "msandbox_ro", credentials.ReadOnly),
        ])
        {
            var options = $"[client]\nhost={server.Host}\nport={server.Port}\nprotocol=tcp\nuser={user}\npassword={password}\n\n"
                + $"[mysql]\nprompt={server.Name} [{server.Host}:{server.Port}] {{\\u}} (\\d) > \n";
            SafeFile.Write(Path.Combine(folder, file), options, SafeFile.Secret);
            var text = $"#!/bin/sh\n# The command-line client on {server.Name}, over the network, as user {user}.\n"
                + $"exec {Scripts.Quote(client)} --defaults-file=\"$(dirname -- \"$0\")/{file}\" \"$@\"\n";
            SafeFile.Write(Path.Combine(folder, script), text, SafeFile.Program);
        }
    }

    private static IEnumerable<(string Name, NetworkServer Server)> Shortcuts(IReadOnlyList<NetworkServer> servers)
        => servers.Select((server, at) => ($"n{at + 1}", server))
            .Concat(servers.Where(server => server.Source is null).Take(1).Select(server => ("m", server)))
            .Concat(servers.Where(server => server.Source is not null).Select((server, at) => ($"s{at + 1}", server)));

    private static string Environment(IReadOnlyList<NetworkServer> servers, ReplicationStatements statements)
    {
        var text = new StringBuilder("# Which servers the scripts beside are about.\n");
        foreach (var (key, value) in (ReadOnlySpan<(string, string)>)
        [
            ("SB_TOPOLOGY", "replication"),
            ("SB_NODES", Join(servers)),
            ("SB_NODES_BACKWARDS", Join(servers.Reverse())),
            ("SB_MASTERS", Join(servers.Where(server => server.Source is null))),
            ("SB_SLAVES", Join(servers.Where(server => server.Source is not null))),
            ("SB_SHOW_SLAVES", statements.ShowStatus),
            ("SB_SHOW_MASTER", statements.ShowCoordinates),
        ])
            text.Append($"{key}={Scripts.Quote(value)}\n");
        return text.ToString();
    }

    private static string Join(IEnumerable<NetworkServer> servers) => string.Join(' ', servers.Select(server => server.Name));
}
