using Flotilla.Groups.Core;
using Flotilla.Groups.Discovery;
using Flotilla.Sockets;
using Microsoft.Extensions.Logging;

namespace Flotilla.Groups.Transport;

/// <summary>Asks the discovery, elsewhere than on the node's thread, as long as somebody it named is not connected.</summary>
internal sealed class Seeker(TransportOptions options, INodeDiscovery discovery, Dialer dialer, ILogger logger)
{
    private long _nextNs;
    private bool _isAsking;
    private bool _hasAnswer;

    public void Check(SocketLoop loop, long nowNs, Func<NodeId, bool> isConnected)
    {
        if (nowNs < _nextNs || _isAsking || !IsSomebodyMissing(isConnected))
            return;
        _isAsking = true;
        _ = AskAsync(loop);
    }

    public void OnFound(Found found, long nowNs)
    {
        _isAsking = false;
        _nextNs = nowNs + (long)options.DiscoverEvery.TotalNanoseconds;
        if (found.Problem is { } problem)
        {
            Log.DiscoveryFailed(logger, problem);
            return;
        }

        _hasAnswer = true;
        dialer.SetSeeds(found.Addresses);
    }

    private bool IsSomebodyMissing(Func<NodeId, bool> isConnected)
    {
        if (!_hasAnswer)
            return true;
        foreach (var target in dialer.Targets)
        {
            if (target.IsSeed && !target.IsSelf && (target.Node.IsNone || !isConnected(target.Node)))
                return true;
        }

        return false;
    }

    private async Task AskAsync(SocketLoop loop)
    {
        try
        {
            using var patience = new CancellationTokenSource(options.DiscoverEvery);
            loop.Post(new Found(await discovery.FindAsync(patience.Token).ConfigureAwait(false), null));
        }
        catch (Exception problem)
        {
            // Discovery is somebody else's code, too: whatever it throws, it is asked again.
            loop.Post(new Found([], problem.Message));
        }
    }
}
