using System.Globalization;
using Flotilla.MySql;

namespace Flotilla.Cluster.Servers;

/// <summary>The accounts that replicas receive by, as one server has them. MySQL 5.6 has no locked accounts: there the right to replicate is taken and given.</summary>
internal static class ReplicaAccounts
{
    private const string OnAnyHost = "@'%'";

    public static string NameOf(uint replica) => MySqlText.Literal(ServerAccounts.ReplicaUser(replica)) + OnAnyHost;

    /// <summary>Names of the accounts and whether each is locked out; see <see cref="Read"/>.</summary>
    public const string QuestionToMariaDb = "SELECT user, IFNULL(JSON_VALUE(priv, '$.account_locked') = 1, 0) FROM mysql.global_priv WHERE host = '%' AND user LIKE 'flotilla\\_%'";

    /// <inheritdoc cref="QuestionToMariaDb"/>
    public const string QuestionToMySql = "SELECT user, repl_slave_priv = 'N' FROM mysql.user WHERE host = '%' AND user LIKE 'flotilla\\_%'";

    /// <summary>Server ids, and whether they are locked out.</summary>
    public static async Task<IReadOnlyList<(uint Id, bool IsLocked)>> ListAsync(ActionSession session)
        => Read(await session.TableAsync(session.IsMariaDb ? QuestionToMariaDb : QuestionToMySql));

    public static IReadOnlyList<(uint Id, bool IsLocked)> Read(MySqlTable answer) =>
    [
        .. answer.Rows.Select(row => (uint.TryParse(row[0]!["flotilla_".Length..], NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : 0, row[1] == "1"))
            .Where(account => account.Item1 > 0),
    ];

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
