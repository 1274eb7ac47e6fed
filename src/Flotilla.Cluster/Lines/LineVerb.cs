namespace Flotilla.Cluster.Lines;

/// <summary>What a line asks for.</summary>
public enum LineVerb
{
    Join,
    Leave,
    Heartbeat,
    ServerList,
}
