namespace Flotilla.MySql;

/// <summary>Options contradict each other or are out of range; the message names all that is wrong.</summary>
public sealed class MySqlOptionsException(string message) : MySqlException(message);
