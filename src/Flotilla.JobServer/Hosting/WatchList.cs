namespace Flotilla.JobServer.Hosting;

/// <summary>
/// Peers of which something is expected: the rest of a message, or the secret. Who lets the time pass is ended. Looked through once a
/// second while there are any; a peer of which nothing is expected costs nothing.
/// </summary>
internal sealed class WatchList(JobServerOptions options)
{
    private const int LookEveryMs = 1000;

    /// <summary>
    /// Less than this within the time is silence: whoever sends a byte now and then keeps memory for as long as it likes. The slowest of
    /// honest networks carry a hundred times as much.
    /// </summary>
    private const int RestBytesMin = 4096;

    private readonly long _restMs = options.PartialPacketTimeout == TimeSpan.Zero
        ? long.MaxValue / 2
        : (long)options.PartialPacketTimeout.TotalMilliseconds;

    private readonly List<SocketPeer> _peers = [];
    private long _nextLookMs;

    /// <summary>How long a loop may sleep for the list's sake; -1 for ever.</summary>
    public int SleepMs => _peers.Count > 0 ? LookEveryMs : -1;

    /// <summary>Something came: either more is expected, of another message than before or of the same, or that was all.</summary>
    public void Expect(SocketPeer peer, bool isMoreExpected, bool isNewMessage, long nowMs)
    {
        if (!isMoreExpected)
            peer.RestDueMs = long.MaxValue;
        else if (isNewMessage || peer.RestDueMs == long.MaxValue || peer.BytesReceived - peer.RestFromBytes >= RestBytesMin)
            Renew(peer, nowMs);
        if (isMoreExpected)
            Add(peer);
        else if (peer.WatchIndex >= 0 && peer.SecretDueMs == long.MaxValue)
            Forget(peer);
    }

    public void ExpectSecret(SocketPeer peer, long nowMs)
    {
        peer.SecretDueMs = nowMs + (long)options.HandshakeTimeout.TotalMilliseconds;
        Add(peer);
    }

    public void Forget(SocketPeer peer)
    {
        if (peer.WatchIndex < 0)
            return;
        var last = _peers[^1];
        _peers[peer.WatchIndex] = last;
        last.WatchIndex = peer.WatchIndex;
        _peers.RemoveAt(_peers.Count - 1);
        peer.WatchIndex = -1;
    }

    /// <summary>Ends those whose time is up.</summary>
    public void EndLate(long nowMs)
    {
        if (_peers.Count == 0 || nowMs < _nextLookMs)
            return;
        _nextLookMs = nowMs + LookEveryMs;
        for (var i = _peers.Count - 1; i >= 0; i--)
            Look(_peers[i], nowMs);
    }

    private void Look(SocketPeer peer, long nowMs)
    {
        if (peer.IsAuthenticated)
            peer.SecretDueMs = long.MaxValue;
        if (peer.RestDueMs <= nowMs && peer.IsNotReadFrom)
            Renew(peer, nowMs);
        var isLate = peer.RestDueMs <= nowMs || peer.SecretDueMs <= nowMs;
        if (isLate)
            peer.End(peer.RestDueMs <= nowMs ? "silent in the middle of a message" : "did not give the secret in time", drop: false);
        if (isLate || (peer.RestDueMs == long.MaxValue && peer.SecretDueMs == long.MaxValue))
            Forget(peer);
    }

    private void Renew(SocketPeer peer, long nowMs)
    {
        peer.RestDueMs = nowMs + _restMs;
        peer.RestFromBytes = peer.BytesReceived;
    }

    private void Add(SocketPeer peer)
    {
        if (peer.WatchIndex >= 0)
            return;
        peer.WatchIndex = _peers.Count;
        _peers.Add(peer);
    }
}
