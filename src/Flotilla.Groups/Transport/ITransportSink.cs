using Flotilla.Groups.Core;

namespace Flotilla.Groups.Transport;

/// <summary>Who gets what comes over the connections. Called on the node's thread.</summary>
internal interface ITransportSink
{
    /// <summary>Who this node is now, for the hello.</summary>
    Hello LocalHello(byte[] nonce);

    void OnPeerUp(PeerHello hello);

    /// <summary>May come a second time, with <see cref="PeerLoss.ProcessGone"/>, when that became known.</summary>
    void OnPeerDown(NodeId peer, PeerLoss loss);

    void OnPeerFrame(NodeId peer, ReadOnlySpan<byte> frame);

    void OnClientUp(uint client);

    void OnClientFrame(uint client, ReadOnlySpan<byte> frame);

    void OnClientDown(uint client);
}
