using Flotilla.Groups.Core;
using Flotilla.Groups.Transport;

namespace Flotilla.Groups.Hosting;

/// <summary>Answers clients that ask how the cluster looks from here, and tells those that watch when it changed.</summary>
internal sealed class StatusDesk(NodeTransport transport)
{
    private readonly List<uint> _watching = [];
    private bool _hasChanged;

    /// <summary>Takes a client's frame; false when it is not for this desk.</summary>
    public bool TryTake(uint client, ReadOnlySpan<byte> frame, Func<ClusterStatus> status, long nowNs)
    {
        if (frame[0] != StatusFrame.Ask)
            return false;
        if (frame.Length > 1 && frame[1] == 1 && !_watching.Contains(client))
            _watching.Add(client);
        if (transport.ClientOutput(client, nowNs) is { } output)
            StatusFrame.Write(output, status());
        return true;
    }

    public void OnClientDown(uint client) => _watching.Remove(client);

    /// <summary>A view, a lease or this node's place changed.</summary>
    public void Change() => _hasChanged = true;

    /// <summary>A batch is over.</summary>
    public void Tell(Func<ClusterStatus> status, long nowNs)
    {
        if (!_hasChanged)
            return;
        _hasChanged = false;
        foreach (var client in _watching)
        {
            if (transport.ClientOutput(client, nowNs) is { } output)
                StatusFrame.Write(output, status());
        }
    }

    public static ClusterStatus StatusOf(string name, MemberId self, ClusterView? view, bool isPrimary) => new()
    {
        Node = name,
        Id = self,
        Cluster = view?.Cluster ?? default,
        IsPrimary = isPrimary,
        Epoch = view?.Epoch ?? 0,
        Sequencer = view?.Sequencer ?? default,
        Members = view?.Members ?? [],
    };
}
