namespace Flotilla.JobServer.Hosting;

/// <summary>Tells a loop to end its connections in good order.</summary>
internal sealed class CloseAll
{
    public static CloseAll Instance { get; } = new();
}
