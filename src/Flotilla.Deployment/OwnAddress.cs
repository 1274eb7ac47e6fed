using System.Net;
using System.Net.Sockets;
using Flotilla.Gearman;

namespace Flotilla.Deployment;

/// <summary>Which of this host's addresses other hosts would use.</summary>
public static class OwnAddress
{
    /// <summary>The one that leads to the first job server that is not on this machine; loopback when all are.</summary>
    public static IPAddress Towards(IReadOnlyList<GearmanAddress> servers)
    {
        if (servers.FirstOrDefault(server => !JobServerTrust.IsLocal(server)) is not { } server)
            return IPAddress.Loopback;
        try
        {
            // Connecting a datagram socket sends nothing; the system only chooses a route.
            var target = IPAddress.TryParse(server.Host, out var address) ? address : Dns.GetHostAddresses(server.Host)[0];
            using var socket = new Socket(target.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
            socket.Connect(new IPEndPoint(target, server.Port));
            return ((IPEndPoint)socket.LocalEndPoint!).Address;
        }
        catch (SocketException failure)
        {
            throw new DeploymentException(DeploymentProblem.Unreachable, $"no way leads to job server {server} ({failure.Message}); give --address", failure);
        }
    }
}
