using System.Net;
using Flotilla.Groups.Core;

namespace Flotilla.Groups.Hosting;

/// <summary>
/// One running node: a thread that owns its connections, its files and its <see cref="NodeMachine"/>. All members may be called from any
/// thread. Several may run in one process.
/// </summary>
internal sealed class NodeRuntime : IAsyncDisposable
{
    private readonly NodeLoop _loop;

    private NodeRuntime(NodeLoop loop) => _loop = loop;

    /// <summary>Where it listens, with the port that was really given.</summary>
    public IPEndPoint EndPoint => _loop.EndPoint;

    /// <summary>What other nodes connect to.</summary>
    public string Address => _loop.Address;

    /// <summary>This life of the node; changes when it is evicted and returns.</summary>
    public MemberId Self => _loop.Self;

    /// <summary>The last view installed here; null before the first.</summary>
    public ClusterView? View => _loop.View;

    public Lease Lease => _loop.Lease;

    /// <summary>Whether this node may act for its view now: compares the lease with the clock, so it ends even when the node's thread hangs.</summary>
    public bool IsPrimary => Lease.IsValidAt(NodeClock.NowNs);

    /// <summary>Ends when the node has stopped, after <see cref="INodeObserver.OnStopped"/>; faults when it failed.</summary>
    public Task Completion => _loop.Completion;

    /// <summary>Ends when the log on disk failed, with why.</summary>
    public Task<string> LogFailed => _loop.LogFailed;

    /// <summary>
    /// Starts a node. Throws <see cref="Storage.StorageException"/> for a data directory that can't be used, <see cref="System.Net.Sockets.SocketException"/> for
    /// an address that can't be had, <see cref="ArgumentException"/> for options.
    /// </summary>
    public static async Task<NodeRuntime> StartAsync(NodeRuntimeOptions options, INodeObserver observer, CancellationToken cancellation)
    {
        var wrong = options.Validate();
        if (wrong.Count > 0)
            throw new ArgumentException(string.Join("; ", wrong), nameof(options));
        var runtime = new NodeRuntime(new NodeLoop(options, observer));
        try
        {
            await runtime._loop.StartAsync().WaitAsync(cancellation).ConfigureAwait(false);
            return runtime;
        }
        catch
        {
            await runtime.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Sends to a group; the body is copied. The outcome comes under the token, unless that is 0. False when so much waits that nothing was taken.</summary>
    public bool Send(uint group, Delivery delivery, ulong token, ReadOnlySpan<byte> body) => _loop.Add(group, delivery, token, null, body);

    /// <summary>Gives the machine a command. False when so much waits that it was not taken.</summary>
    public bool Do(ulong token, GroupCommand command) => _loop.Add(0, default, token, command, default);

    /// <summary>Leaves the cluster in good order, waits until everything is written and sent, and ends; at the latest when cancelled, then at once.</summary>
    public async Task StopAsync(CancellationToken cancellation)
    {
        _loop.Leave();
        try
        {
            await Completion.WaitAsync(cancellation).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            await DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Ends at once, as a crash would (but flushes the disk).</summary>
    public async ValueTask DisposeAsync()
    {
        _loop.EndNow();
        await Completion.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}
