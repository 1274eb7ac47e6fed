namespace Flotilla.Groups.Discovery;

/// <summary>A list of addresses that is known beforehand.</summary>
public sealed class HostListDiscovery(IReadOnlyList<string> addresses) : INodeDiscovery
{
    public Task<IReadOnlyList<string>> FindAsync(CancellationToken cancellation) => Task.FromResult(addresses);
}
