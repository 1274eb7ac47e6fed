using System.Text;

namespace Flotilla.Gearman.Client;

/// <summary>In which order a client asks its servers for a request.</summary>
internal sealed class ServerOrder(ClientServer[] servers, ServerSelection selection)
{
    private readonly ulong[] _seeds = [.. servers.Select(server => Hash(14695981039346656037, Encoding.UTF8.GetBytes(server.Address.ToString())))];
    private int _next = -1;

    public int Count => servers.Length;

    public ReadOnlySpan<ClientServer> For(JobRequest? request)
    {
        if (servers.Length == 1 || selection == ServerSelection.InOrder)
            return servers;
        if (selection == ServerSelection.HashByUnique && request is { Unique.Length: > 0 })
            return ByHash(request);
        var start = (int)((uint)Interlocked.Increment(ref _next) % (uint)servers.Length);
        var order = new ClientServer[servers.Length];
        for (var i = 0; i < order.Length; i++)
            order[i] = servers[(start + i) % order.Length];
        return order;
    }

    /// <summary>Highest score first: a server that goes leaves the order of the others as it was.</summary>
    private ClientServer[] ByHash(JobRequest request)
    {
        // For "-" the payload is the key.
        var key = request.Unique == "-" ? Hash(0, request.Payload.Span) : Hash(0, Encoding.UTF8.GetBytes(request.Unique));
        key = Hash(key, Encoding.UTF8.GetBytes(request.Function));
        var scores = new ulong[servers.Length];
        for (var i = 0; i < scores.Length; i++)
            scores[i] = ulong.MaxValue - Mix(_seeds[i] ^ key);
        var order = (ClientServer[])servers.Clone();
        Array.Sort(scores, order);
        return order;
    }

    /// <summary>FNV-1a, the same on every machine and in every version: clients must agree.</summary>
    private static ulong Hash(ulong seed, ReadOnlySpan<byte> bytes)
    {
        var hash = seed ^ 14695981039346656037;
        foreach (var value in bytes)
            hash = (hash ^ value) * 1099511628211;
        return Mix(hash);
    }

    private static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 33)) * 0xff51afd7ed558ccd;
        value = (value ^ (value >> 33)) * 0xc4ceb9fe1a85ec53;
        return value ^ (value >> 33);
    }
}
