namespace Flotilla.MySql;

/// <summary>Whatever goes wrong between this client and a server; the derived types say what.</summary>
public class MySqlException(string message, Exception? inner = null) : Exception(message, inner);
