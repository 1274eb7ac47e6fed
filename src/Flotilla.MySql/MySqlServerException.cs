namespace Flotilla.MySql;

/// <summary>The server refused a command. The connection stays usable unless the error came while it was opened.</summary>
/// <param name="number">The server's error number, as 1062 for a duplicate key.</param>
/// <param name="sqlState">Five characters, as 23000.</param>
/// <param name="serverMessage">The server's words.</param>
public sealed class MySqlServerException(int number, string sqlState, string serverMessage)
    : MySqlException($"{number} ({sqlState}): {serverMessage}")
{
    public int Number { get; } = number;

    public string SqlState { get; } = sqlState;

    /// <summary>The server's words, without number and state.</summary>
    public string ServerMessage { get; } = serverMessage;
}
