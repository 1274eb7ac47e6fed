using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using Flotilla.Groups.Core;
using Flotilla.Sockets;
using Microsoft.Extensions.Logging;

namespace Flotilla.Groups.Transport;

/// <summary>
/// Keeps trying the addresses of nodes that are not connected, each with a growing pause. On the node's thread; names are resolved and TLS is
/// begun elsewhere, and come back as messages.
/// </summary>
internal sealed class Dialer(TransportOptions options, ILogger logger)
{
    /// <summary>How long after the end of a connection a refused attempt means that the process is gone.</summary>
    private const long GoneWithinNs = 10_000_000_000;

    private readonly List<DialTarget> _targets = [];

    public IReadOnlyList<DialTarget> Targets => _targets;

    public void SetSeeds(IReadOnlyList<string> addresses)
    {
        foreach (var target in _targets)
            target.IsSeed = addresses.Contains(target.Address, StringComparer.Ordinal);
        foreach (var address in addresses)
            Get(address).IsSeed = true;
    }

    public void SetMembers(ClusterView view, NodeId self)
    {
        foreach (var target in _targets)
            target.IsMember = false;
        foreach (var member in view.Members)
        {
            if (member.Id.Node == self)
                continue;
            var target = Get(member.Address);
            target.IsMember = true;
            target.Node = member.Id.Node;
        }
    }

    /// <summary>A node is connected, whoever dialled.</summary>
    public void OnConnected(Hello peer)
    {
        foreach (var target in _targets)
        {
            if (target.Address == peer.Address)
                target.Node = peer.Id.Node;
            if (target.Node == peer.Id.Node)
                Settle(target);
        }
    }

    /// <summary>A connection to a node ended without a word: see at once whether its process is still there.</summary>
    public void OnLost(Hello peer, long nowNs, bool isSudden)
    {
        var target = Get(peer.Address);
        target.Node = peer.Id.Node;
        target.LostNs = isSudden ? nowNs : 0;
        target.BackOffNs = 0;
        target.NextNs = nowNs;
    }

    /// <summary>Tries what is due. Returns when it wants to be called again.</summary>
    public long Dial(SocketLoop loop, long nowNs, Func<NodeId, bool> isConnected)
    {
        var next = long.MaxValue;
        for (var i = _targets.Count - 1; i >= 0; i--)
        {
            var target = _targets[i];
            if (target.LostNs != 0 && nowNs - target.LostNs > GoneWithinNs)
                target.LostNs = 0;
            if (!target.IsWanted && !target.IsBusy)
                _targets.RemoveAt(i);
            if (target.IsSelf || target.IsBusy || !target.IsWanted || (!target.Node.IsNone && isConnected(target.Node)))
                continue;
            if (target.NextNs <= nowNs)
                Begin(loop, target);
            else
                next = Math.Min(next, target.NextNs);
        }

        return next;
    }

    /// <summary>An attempt failed. Returns the node whose process that shows to be gone, or none.</summary>
    public NodeId OnFailed(DialTarget target, string why, bool isRefused, long nowNs)
    {
        target.IsBusy = false;
        if (target.NextEndPoint < target.EndPoints.Length)
        {
            // The name has more addresses: only the last one's failure is the target's.
            target.NextNs = nowNs;
            return default;
        }

        var gone = isRefused && target.LostNs != 0 ? target.Node : default;
        if (isRefused)
            target.LostNs = 0;
        if (!gone.IsNone)
            Log.ProcessGone(logger, gone.ToString(), target.Address);
        else if (target.LastProblem != why)
            Log.DialFailed(logger, target.Address, why);
        target.LastProblem = why;
        Postpone(target, nowNs);
        return gone;
    }

    /// <summary>An attempt ended and was not needed.</summary>
    public void OnNotNeeded(DialTarget target, long nowNs)
    {
        target.IsBusy = false;
        Postpone(target, nowNs);
    }

    public void OnResolved(SocketLoop loop, Resolved resolved, long nowNs)
    {
        if (resolved.EndPoints.Length == 0)
        {
            OnFailed(resolved.Target, resolved.Problem ?? "the name has no address", isRefused: false, nowNs);
            return;
        }

        resolved.Target.EndPoints = resolved.EndPoints;
        resolved.Target.NextEndPoint = 0;
        Connect(loop, resolved.Target);
    }

    private static void Settle(DialTarget target)
    {
        target.LostNs = 0;
        target.BackOffNs = 0;
        target.LastProblem = null;
    }

    private DialTarget Get(string address)
    {
        foreach (var target in _targets)
        {
            if (target.Address == address)
                return target;
        }

        var fresh = new DialTarget(address);
        _targets.Add(fresh);
        return fresh;
    }

    /// <summary>Twice as long as before, and a random half of it less: two nodes that dial each other must not stay in step.</summary>
    private void Postpone(DialTarget target, long nowNs)
    {
        target.BackOffNs = Math.Clamp(target.BackOffNs * 2, (long)options.RetryMin.TotalNanoseconds, (long)options.RetryMax.TotalNanoseconds);
        target.NextNs = nowNs + target.BackOffNs - Random.Shared.NextInt64(target.BackOffNs / 2);
    }

    private void Begin(SocketLoop loop, DialTarget target)
    {
        target.IsBusy = true;
        if (target.NextEndPoint < target.EndPoints.Length)
        {
            Connect(loop, target);
        }
        else if (IPEndPoint.TryParse(target.Address, out var literal))
        {
            target.EndPoints = [literal];
            target.NextEndPoint = 0;
            Connect(loop, target);
        }
        else
        {
            _ = ResolveAsync(loop, target);
        }
    }

    private void Connect(SocketLoop loop, DialTarget target)
    {
        var remote = target.EndPoints[target.NextEndPoint++];
        if (options.Tls is null)
            loop.Connect(remote, target, options.ConnectTimeout);
        else
            _ = ConnectTlsAsync(loop, target, remote);
    }

    private static async Task ResolveAsync(SocketLoop loop, DialTarget target)
    {
        try
        {
            var colon = target.Address.LastIndexOf(':');
            if (colon <= 0 || !int.TryParse(target.Address.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port))
            {
                loop.Post(new Resolved(target, [], "the address is not host:port"));
                return;
            }

            var found = await Dns.GetHostAddressesAsync(target.Address[..colon]).ConfigureAwait(false);
            loop.Post(new Resolved(target, [.. found.Select(address => new IPEndPoint(address, port))], null));
        }
        catch (Exception problem) when (problem is SocketException or ArgumentException)
        {
            loop.Post(new Resolved(target, [], problem.Message));
        }
    }

    private async Task ConnectTlsAsync(SocketLoop loop, DialTarget target, IPEndPoint remote)
    {
        var socket = new Socket(remote.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            using var patience = new CancellationTokenSource(options.ConnectTimeout);
            await socket.ConnectAsync(remote, patience.Token).ConfigureAwait(false);
            var stream = new SslStream(new NetworkStream(socket, ownsSocket: true), leaveInnerStreamOpen: false);
            patience.CancelAfter(options.HandshakeTimeout);
            await stream.AuthenticateAsClientAsync(options.Tls!.LoadClient(HostOf(target.Address)), patience.Token).ConfigureAwait(false);
            loop.Adopt(stream, remote, target);
        }
        catch (Exception problem)
        {
            // Whatever connecting or a TLS handshake throws is the peer's doing or the network's; the attempt is over.
            socket.Dispose();
            var isRefused = problem is SocketException { SocketErrorCode: SocketError.ConnectionRefused };
            loop.Post(new DialEnded(target, problem is OperationCanceledException ? "timed out" : problem.InnerException?.Message ?? problem.Message, isRefused));
        }
    }

    private static string HostOf(string address) => address[..Math.Max(1, address.LastIndexOf(':'))].Trim('[', ']');
}
