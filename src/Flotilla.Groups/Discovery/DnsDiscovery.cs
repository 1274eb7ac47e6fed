using System.Net;

namespace Flotilla.Groups.Discovery;

/// <summary>One name that stands for all nodes: every address that it resolves to, with the same port.</summary>
public sealed class DnsDiscovery(string name, int port) : INodeDiscovery
{
    public async Task<IReadOnlyList<string>> FindAsync(CancellationToken cancellation)
    {
        var found = await Dns.GetHostAddressesAsync(name, cancellation).ConfigureAwait(false);
        return [.. found.Select(address => new IPEndPoint(address, port).ToString()).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
    }
}
