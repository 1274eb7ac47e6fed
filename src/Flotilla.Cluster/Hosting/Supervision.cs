namespace Flotilla.Cluster.Hosting;

/// <summary>Who is the parent of a server's process.</summary>
public enum Supervision
{
    /// <summary>Its guard, which the node starts: the server dies with it.</summary>
    Start,

    /// <summary>Somebody else, as systemd, whom the node asks to start it; the guard watches and kills the process.</summary>
    Attach,

    /// <summary>Somebody else, who is not asked either: nobody here starts or ends it, so it follows the primary and never is one.</summary>
    Watch,
}
