using Flotilla.MySql;

namespace Flotilla.Cluster.Servers;

/// <summary>What a node's sessions need, whatever a server gives to sessions by default: literals as <see cref="MySqlText"/> writes them, statements that commit, and results that are whole.</summary>
internal static class SessionSettings
{
    /// <summary>MySQL passes over what stands between <c>/*M!</c> and <c>*/</c>.</summary>
    private const string Variables =
        "SET SESSION sql_mode = 'STRICT_ALL_TABLES', SESSION autocommit = 1, SESSION completion_type = 0, SESSION sql_safe_updates = 0, SESSION sql_select_limit = 18446744073709551615"
        + " /*M! , SESSION max_statement_time = 0 */";

    public static async Task ApplyAsync(MySqlConnection connection, CancellationToken cancellationToken)
    {
        await connection.ExecuteAsync(Variables, cancellationToken);
        await connection.ExecuteAsync("SET SESSION TRANSACTION READ WRITE", cancellationToken);
    }
}
