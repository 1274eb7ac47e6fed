using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Flotilla.Cli.Gearmand;

/// <summary>What <c>--listen</c> and <c>--port</c> mean, as getaddrinfo would have it.</summary>
internal static class GearmandAddresses
{
    private const string ServicesPath = "/etc/services";

    /// <param name="listen">A name, an address, or null for all of both families.</param>
    /// <param name="port">A number or a service's name.</param>
    /// <exception cref="IOException">In gearmand's words: what can't be resolved.</exception>
    public static IReadOnlyList<IPEndPoint> Resolve(string? listen, string port)
    {
        if (FindPort(port) is not { } number)
            throw new IOException($"{listen ?? "<any>"}:{port} getaddrinfo(Servname not supported for ai_socktype)");
        if (listen is null)
            return [new IPEndPoint(Socket.OSSupportsIPv6 ? IPAddress.IPv6Any : IPAddress.Any, number)];
        try
        {
            return [.. Dns.GetHostAddresses(listen).Distinct().Select(address => new IPEndPoint(address, number))];
        }
        catch (SocketException failure)
        {
            throw new IOException($"{listen}:{port} getaddrinfo(Name or service not known)", failure);
        }
    }

    private static int? FindPort(string port)
    {
        if (ushort.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            return number;
        if (port.Length == 0)
            return 0;
        if (!File.Exists(ServicesPath))
            return null;
        foreach (var line in File.ReadLines(ServicesPath))
        {
            var words = line.Split('#')[0].Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            if (words.Length < 2 || !words[1].EndsWith("/tcp", StringComparison.Ordinal))
                continue;
            if (words[0] == port || words.Skip(2).Contains(port, StringComparer.Ordinal))
                return int.Parse(words[1].Split('/')[0], CultureInfo.InvariantCulture);
        }

        return null;
    }
}
