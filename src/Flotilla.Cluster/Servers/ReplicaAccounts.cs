using System.Globalization;
using Flotilla.MySql;

namespace Flotilla.Cluster.Servers;

/// <summary>The accounts that replicas receive by, as one server has them. MySQL 5.6 has no locked accounts: there the right to replicate is taken and given.</summary>
internal static class ReplicaAccounts
{
    private const string OnAnyHost = "@'%'";

    public static string NameOf(uint replica) => MySqlText.Literal(ServerAccounts.ReplicaUser(replica)) + OnAnyHost;

    /// <summary>Server ids, and whether they are locked out.</summary>
    public static async Task<IReadOnlyList<(uint Id, bool IsLocked)>> ListAsync(ActionSession session)
    {
        var isLocked = session.IsMariaDb ? "JSON_VALUE(priv, '$.account_locked') = 1" : "repl_slave_priv = 'N'";
        var table = await session.TableAsync(
            $"SELECT user, IFNULL({isLocked}, 0) FROM mysql.{(session.IsMariaDb ? "global_priv" : "user")} WHERE host = '%' AND user LIKE 'flotilla\\_%'");
        return
        [
            .. table.Rows.Select(row => (uint.TryParse(row[0]!["flotilla_".Length..], NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : 0, row[1] == "1"))
                .Where(account => account.Item1 > 0),
        ];
    }

    /// <summary>The session must be without the binary log.</summary>
    public static Task SetLockedAsync(ActionSession session, uint replica, bool isLocked) => session.ExecuteAsync((session.IsMariaDb, isLocked) switch
    {
        (true, true) => $"ALTER USER {NameOf(replica)} ACCOUNT LOCK",
        (true, false) => $"ALTER USER {NameOf(replica)} ACCOUNT UNLOCK",
        (false, true) => $"REVOKE REPLICATION SLAVE ON *.* FROM {NameOf(replica)}",
        (false, false) => $"GRANT REPLICATION SLAVE ON *.* TO {NameOf(replica)}",
    });

    public static async Task<IReadOnlyList<string>> ConnectionsAsync(ActionSession session, uint replica)
    {
        var table = await session.TableAsync($"SELECT id FROM information_schema.processlist WHERE user = {MySqlText.Literal(ServerAccounts.ReplicaUser(replica))}");
        return [.. table.Rows.Select(row => row[0]!)];
    }
}
