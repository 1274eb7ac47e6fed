namespace Flotilla.MySql;

/// <summary>Something took longer than its option allows; the message names the option.</summary>
public sealed class MySqlTimeoutException(string message, Exception? inner = null) : MySqlException(message, inner);
