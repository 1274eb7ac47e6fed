namespace Flotilla.JobServer.Telemetry.Hooks;

/// <summary>Where a hook's events go.</summary>
public interface IHookTarget
{
    /// <summary>Delivers one event; throws when it was not taken. Called one at a time per hook.</summary>
    Task SendAsync(ReadOnlyMemory<byte> json, CancellationToken cancellationToken);
}
