namespace Flotilla.MySql;

/// <summary>No connection came about: the server cannot be reached, TLS failed, or we refused to give what it asked for.</summary>
public sealed class MySqlConnectException(string message, Exception? inner = null) : MySqlException(message, inner);
