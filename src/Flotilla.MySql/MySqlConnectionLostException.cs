namespace Flotilla.MySql;

/// <summary>
/// The connection ended while it was in use. Whether the server carried out the command under way is unknown. The connection
/// is of no use any more.
/// </summary>
public sealed class MySqlConnectionLostException(string message, Exception? inner = null) : MySqlException(message, inner);
