namespace Flotilla.Sandbox;

/// <summary>The two families of servers; their replication statements and bootstraps differ.</summary>
public enum ServerFlavor
{
    MariaDb,
    MySql,
}
