using Flotilla.MySql;

namespace Flotilla.Cluster.Servers;

/// <summary>The session of one action. Remembers the statement under way, without passwords, for the error.</summary>
internal sealed class ActionSession : IAsyncDisposable
{
    private readonly MySqlConnection _connection;

    public ActionSession(MySqlConnection connection, CancellationToken cancellationToken)
    {
        _connection = connection;
        CancellationToken = cancellationToken;
    }

    /// <summary>Ends when the deadline passes.</summary>
    public CancellationToken CancellationToken { get; }

    public string? Statement { get; private set; }

    public bool IsMariaDb => _connection.IsMariaDb;

    public uint Id => _connection.ConnectionId;

    public static async Task<ActionSession> OpenAsync(MySqlOptions options, CancellationToken cancellationToken)
    {
        var connection = await MySqlConnection.OpenAsync(options, cancellationToken);
        try
        {
            await SessionSettings.ApplyAsync(connection, cancellationToken);
            return new ActionSession(connection, cancellationToken);
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <param name="sql">The statement.</param>
    /// <param name="shown">How errors show it; default: as it is.</param>
    public async Task ExecuteAsync(string sql, string? shown = null)
    {
        Statement = shown ?? sql;
        await _connection.ExecuteAsync(sql, CancellationToken);
    }

    public async Task<MySqlTable> TableAsync(string sql)
    {
        Statement = sql;
        return await _connection.QueryTableAsync(sql, CancellationToken);
    }

    public async Task<string> ScalarAsync(string sql)
    {
        Statement = sql;
        return await _connection.QueryScalarAsync(sql, CancellationToken) ?? "";
    }

    public async Task<MySqlResult> QueryAsync(string sql)
    {
        Statement = sql;
        return await _connection.QueryAsync(sql, CancellationToken);
    }

    public ValueTask DisposeAsync() => _connection.DisposeAsync();
}
