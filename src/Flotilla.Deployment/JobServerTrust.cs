using System.Net;
using Flotilla.Gearman;

namespace Flotilla.Deployment;

/// <summary>Whether a job server may be used for what changes hosts.</summary>
public static class JobServerTrust
{
    /// <summary>Refuses job servers that other machines reach, unless there is a shared secret or a client certificate.</summary>
    /// <exception cref="DeploymentException">One of them is open to others.</exception>
    public static void Require(IReadOnlyList<GearmanAddress> servers, string? secret, GearmanTlsOptions? tls)
    {
        if (!string.IsNullOrEmpty(secret) || tls?.ClientCertificate is not null)
            return;
        if (servers.FirstOrDefault(server => !IsLocal(server)) is { } open)
        {
            throw new DeploymentException(
                DeploymentProblem.NotAuthorized,
                $"job server {open} is not on this machine's loopback: whoever reaches it could install and remove servers. Give a shared secret (--secret-file) or a client certificate (--tls-certificate)");
        }
    }

    /// <summary>A Unix socket, <c>localhost</c>, or an address of loopback.</summary>
    public static bool IsLocal(GearmanAddress server)
        => server.UnixSocketPath is not null || server.Host == "localhost" || (IPAddress.TryParse(server.Host, out var address) && IPAddress.IsLoopback(address));
}
