namespace Flotilla.Gearman;

/// <summary>The connection to a job server ended before the answer came. Whether the server acted on the request is unknown.</summary>
public sealed class ConnectionLostException(GearmanAddress server, string message, Exception? inner = null)
    : GearmanException(message, inner)
{
    public GearmanAddress Server { get; } = server;

    /// <summary>True when the job server had already answered with a job handle.</summary>
    public bool WasAccepted { get; init; }
}
