using System.Text;

namespace Flotilla.Sandbox;

/// <summary>The statements that make a sandbox's users: run by the server itself before it listens, one statement a line.</summary>
internal static class GrantsSql
{
    private const string ReadWriteRights =
        "SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, INDEX, ALTER, SHOW DATABASES, CREATE TEMPORARY TABLES, LOCK TABLES, EXECUTE";

    public static string Create(SandboxSpec spec, SandboxCredentials credentials)
    {
        var server = spec.Server;
        var text = new StringBuilder("SET SESSION sql_log_bin = 0;\n");
        if (server.IsMariaDb && server.Version >= new ServerVersion(10, 4, 3))
            text.Append($"ALTER USER root@localhost IDENTIFIED VIA unix_socket OR mysql_native_password USING PASSWORD('{credentials.Root}');\n");
        else
            AddUser(text, server, "root@localhost", credentials.Root, "ALL PRIVILEGES", " WITH GRANT OPTION", exists: true);
        foreach (var host in ((string[])["localhost", spec.RemoteAccess]).Distinct(StringComparer.Ordinal))
        {
            AddUser(text, server, $"msandbox@'{host}'", credentials.User, "ALL PRIVILEGES");
            AddUser(text, server, $"msandbox_rw@'{host}'", credentials.ReadWrite, ReadWriteRights);
            AddUser(text, server, $"msandbox_ro@'{host}'", credentials.ReadOnly, "SELECT, EXECUTE");
            AddUser(text, server, $"rsandbox@'{host}'", credentials.Replication, "REPLICATION SLAVE");
        }

        return text.Append("FLUSH PRIVILEGES;\n").ToString();
    }

    private static void AddUser(StringBuilder text, ServerInstallation server, string user, string password, string rights, string more = "", bool exists = false)
    {
        // MySQL 5.6 and old MariaDB make and change users by granting; MySQL 8 has taken that away.
        if (server.IsMariaDb ? server.Version < new ServerVersion(10, 1, 3) : server.Version < new ServerVersion(5, 7, 6))
        {
            text.Append($"GRANT {rights} ON *.* TO {user} IDENTIFIED BY '{password}'{more};\n");
            return;
        }

        if (!exists)
            text.Append($"CREATE USER IF NOT EXISTS {user} IDENTIFIED BY '{password}';\n");
        text.Append(server.IsMariaDb && server.Version < new ServerVersion(10, 2, 0)
            ? $"SET PASSWORD FOR {user} = PASSWORD('{password}');\n"
            : $"ALTER USER {user} IDENTIFIED BY '{password}';\n");
        text.Append($"GRANT {rights} ON *.* TO {user}{more};\n");
    }
}
