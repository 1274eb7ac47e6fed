using System.Net;
using Flotilla.Groups.Core;

namespace Flotilla.Groups.Hosting;

/// <summary>
/// One running node: a thread that owns its connections, its files and its <see cref="NodeMachine"/>. All members may be called from any
/// thread. Several may run in one process.
/// </summary>
internal sealed class NodeRuntime : IAsyncDisposable
{
    private NodeRuntime()
    {
    }

    /// <summary>Where it listens, with the port that was really given.</summary>
    public IPEndPoint EndPoint { get; private set; } = null!;

    /// <summary>What other nodes connect to.</summary>
    public string Address { get; private set; } = "";

    /// <summary>This life of the node; changes when it is evicted and returns.</summary>
    public MemberId Self { get; private set; }

    /// <summary>The last view installed here; null before the first.</summary>
    public ClusterView? View { get; private set; }

    public Lease Lease { get; private set; }

    /// <summary>Whether this node may act for its view now: compares the lease with the clock, so it ends even when the node's thread hangs.</summary>
    public bool IsPrimary => Lease.IsValidAt(NodeClock.NowNs);

    /// <summary>Ends when the node has stopped, after <see cref="INodeObserver.OnStopped"/>; faults when it failed.</summary>
    public Task Completion => Task.CompletedTask;

    /// <summary>
    /// Starts a node. Throws <see cref="Storage.StorageException"/> for a data directory that can't be used, <see cref="System.Net.Sockets.SocketException"/> for
    /// an address that can't be had, <see cref="ArgumentException"/> for options.
    /// </summary>
    public static Task<NodeRuntime> StartAsync(NodeRuntimeOptions options, INodeObserver observer, CancellationToken cancellation)
        => throw new NotSupportedException();

    /// <summary>Sends to a group; the body is copied. The outcome comes under the token, unless that is 0.</summary>
    public void Send(uint group, Delivery delivery, ulong token, ReadOnlySpan<byte> body) => throw new NotSupportedException();

    /// <summary>Gives the machine a command.</summary>
    public void Do(ulong token, GroupCommand command) => throw new NotSupportedException();

    /// <summary>Leaves the cluster in good order, waits until everything is written and sent, and ends; at the latest when cancelled, then at once.</summary>
    public Task StopAsync(CancellationToken cancellation) => throw new NotSupportedException();

    /// <summary>Ends at once, as a crash would (but flushes the disk).</summary>
    public ValueTask DisposeAsync() => throw new NotSupportedException();
}
