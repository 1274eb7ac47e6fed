namespace Flotilla.MySql;

/// <summary>The server sent bytes that make no sense; says what and where. The connection is of no use any more.</summary>
public sealed class MySqlProtocolException(string message) : MySqlException(message);
