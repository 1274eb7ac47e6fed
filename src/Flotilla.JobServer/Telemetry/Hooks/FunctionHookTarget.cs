namespace Flotilla.JobServer.Telemetry.Hooks;

/// <summary>Submits each event as a background job through whatever connection the program has to its server.</summary>
public sealed class FunctionHookTarget(string function, Func<string, ReadOnlyMemory<byte>, CancellationToken, Task> submit) : IHookTarget
{
    public Task SendAsync(ReadOnlyMemory<byte> json, CancellationToken cancellationToken) => submit(function, json, cancellationToken);
}
