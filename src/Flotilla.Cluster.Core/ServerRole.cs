namespace Flotilla.Cluster.Core;

/// <summary>What a server is in an epoch.</summary>
public enum ServerRole
{
    Replica,
    Primary,
}
