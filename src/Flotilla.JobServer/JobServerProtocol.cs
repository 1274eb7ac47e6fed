namespace Flotilla.JobServer;

/// <summary>What is spoken on a listener.</summary>
public enum JobServerProtocol
{
    /// <summary>Gearman packets and text commands.</summary>
    Gearman,

    /// <summary>HTTP requests that submit jobs.</summary>
    Http,
}
