namespace Flotilla.Groups.Discovery;

/// <summary>Says where nodes of the cluster may be found. Asked at start, and again every few seconds while not all of them are connected.</summary>
public interface INodeDiscovery
{
    /// <summary>Addresses, as <c>host:port</c> or <c>[ip6]:port</c>. An exception is logged, and asked again later.</summary>
    Task<IReadOnlyList<string>> FindAsync(CancellationToken cancellation);
}
