using System.Globalization;
using Flotilla.MySql;

namespace Flotilla.Cluster.Servers;

/// <summary>Makes a server fit for a cluster: schema, accounts and settings; nothing of it goes to the binary log. Idempotent.</summary>
public static class ServerPreparation
{
    /// <summary>The schema that nodes keep their own tables in, each server its own.</summary>
    public const string Schema = "flotilla";

    /// <summary>The table of the write probe.</summary>
    public const string ProbeTable = Schema + ".probe";

    /// <summary>A row for each epoch that began on a server of the cluster; unlike all others of the schema it is replicated.</summary>
    public const string EpochTable = Schema + ".epochs";

    internal const string FlashbackTable = Schema + ".flashback";

    private const string NodeRightsOfMariaDb =
        "SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, ALTER, INDEX, CREATE VIEW, SHOW VIEW, RELOAD, PROCESS, SUPER, LOCK TABLES, CREATE USER, REPLICATION SLAVE, "
        + "REPLICATION SLAVE ADMIN, REPLICATION MASTER ADMIN, REPLICA MONITOR, BINLOG ADMIN, BINLOG MONITOR, BINLOG REPLAY, CONNECTION ADMIN, READ_ONLY ADMIN";

    /// <summary>Makes schema and accounts, and checks the settings; those that can be changed at run time are.</summary>
    /// <param name="server">The server.</param>
    /// <param name="administrator">Session of somebody who may do all that, as root by the socket.</param>
    /// <param name="replicas">Server ids of all servers of the cluster: each gets its account, locked at first.</param>
    /// <param name="limits">How long it may take.</param>
    /// <param name="time">Clock of the limits.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="ServerActionException">It failed.</exception>
    public static Task<PreparationReport> PrepareAsync(
        ManagedServer server, MySqlOptions administrator, IReadOnlyCollection<uint> replicas, ServerLimits limits, TimeProvider time, CancellationToken cancellationToken = default)
        => new ActionRunner(server with { Session = administrator }, limits, time).RunAsync(
            "prepare",
            limits.Quick * 5,
            async session =>
            {
                await session.ExecuteAsync("SET SESSION sql_log_bin = 0");
                await CreateTablesAsync(session);
                foreach (var host in (string[])["localhost", "%"])
                    await CreateNodeAccountAsync(session, $"'{ServerAccounts.NodeUser}'@'{host}'", MySqlText.Literal(server.Accounts.NodePassword));
                foreach (var replica in replicas)
                    await CreateReplicaAccountAsync(session, replica, MySqlText.Literal(server.Accounts.ReplicaPassword(replica)));
                return new PreparationReport(await CheckSettingsAsync(session, server.ServerId), await UnfencedAccountsAsync(session));
            },
            cancellationToken);

    private static async Task CreateTablesAsync(ActionSession session)
    {
        await session.ExecuteAsync($"CREATE DATABASE IF NOT EXISTS {Schema}");
        await session.ExecuteAsync($"CREATE TABLE IF NOT EXISTS {ProbeTable} (id TINYINT UNSIGNED NOT NULL PRIMARY KEY, at DATETIME(6) NOT NULL) ENGINE = InnoDB");
        await session.ExecuteAsync($"CREATE TABLE IF NOT EXISTS {EpochTable} (number BIGINT UNSIGNED NOT NULL PRIMARY KEY, at DATETIME(6) NOT NULL) ENGINE = InnoDB");
        await session.ExecuteAsync(
            $"CREATE TABLE IF NOT EXISTS {FlashbackTable} (id TINYINT UNSIGNED NOT NULL PRIMARY KEY, position TEXT NOT NULL, state TEXT NOT NULL) ENGINE = InnoDB");
    }

    private static async Task CreateNodeAccountAsync(ActionSession session, string account, string password)
    {
        if (!session.IsMariaDb)
        {
            await session.ExecuteAsync($"GRANT ALL PRIVILEGES ON *.* TO {account} IDENTIFIED BY {password} WITH GRANT OPTION", shown: $"GRANT ALL PRIVILEGES ON *.* TO {account}");
            return;
        }

        await CreateAccountAsync(session, account, password, "");
        await session.ExecuteAsync($"GRANT {NodeRightsOfMariaDb} ON *.* TO {account} WITH GRANT OPTION");
    }

    internal static async Task CreateReplicaAccountAsync(ActionSession session, uint replica, string password)
    {
        var account = ReplicaAccounts.NameOf(replica);
        if (!session.IsMariaDb)
        {
            await session.ExecuteAsync($"GRANT USAGE ON *.* TO {account} IDENTIFIED BY {password}", shown: $"GRANT USAGE ON *.* TO {account}");
            return;
        }

        await CreateAccountAsync(session, account, password, " ACCOUNT LOCK");
        await session.ExecuteAsync($"GRANT REPLICATION SLAVE ON *.* TO {account}");
    }

    private static async Task CreateAccountAsync(ActionSession session, string account, string password, string options)
    {
        await session.ExecuteAsync($"CREATE USER IF NOT EXISTS {account} IDENTIFIED BY {password}{options}", shown: $"CREATE USER IF NOT EXISTS {account}{options}");
        await session.ExecuteAsync($"ALTER USER {account} IDENTIFIED BY {password}", shown: $"ALTER USER {account}");
    }

    private static async Task<IReadOnlyList<SettingFinding>> CheckSettingsAsync(ActionSession session, uint serverId)
    {
        var actual = (await session.TableAsync("SHOW GLOBAL VARIABLES")).Rows.ToDictionary(row => row[0]!, row => row[1], StringComparer.OrdinalIgnoreCase);
        var status = (await session.TableAsync("SHOW MASTER STATUS")).Rows.FirstOrDefault();
        if (status is not null)
            (actual["binlog_do_db"], actual["binlog_ignore_db"]) = (status[2], status[3]);
        var findings = new List<SettingFinding>();
        var required = session.IsMariaDb ? RequiredSettings.MariaDb : RequiredSettings.MySql;
        foreach (var setting in required.Concat(RequiredSettings.NoFilters).Append(new("server_id", serverId.ToString(CultureInfo.InvariantCulture), "the cluster knows it by another number", IsDynamic: false))
            .Append(new("log_bin", "ON", "nothing could replicate from it", IsDynamic: false)))
        {
            var value = actual.GetValueOrDefault(setting.Name);
            if (setting.IsMetBy(value))
                continue;
            var isMended = setting.IsDynamic && value is not null;
            if (isMended)
                await session.ExecuteAsync($"SET GLOBAL {setting.Name} = {setting.Value}");
            findings.Add(new SettingFinding(setting, value, isMended));
        }

        return findings;
    }

    private static async Task<IReadOnlyList<string>> UnfencedAccountsAsync(ActionSession session)
    {
        var right = session.IsMariaDb ? "READ_ONLY ADMIN" : "SUPER";
        var table = await session.TableAsync(
            $"SELECT grantee FROM information_schema.user_privileges WHERE privilege_type = '{right}' AND grantee NOT LIKE '\\'{ServerAccounts.NodeUser}\\'@%' ORDER BY grantee");
        return [.. table.Rows.Select(row => row[0]!)];
    }
}
