namespace Flotilla.TestSupport.Databases;

/// <summary>Which server; eng/peers/fetch.sh brings them.</summary>
public enum DatabaseKind
{
    /// <summary>MariaDB 10.11.</summary>
    MariaDb,

    /// <summary>MySQL 5.6.24.</summary>
    MySql56,
}
