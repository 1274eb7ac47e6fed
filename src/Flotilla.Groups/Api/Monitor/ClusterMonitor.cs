using System.Runtime.CompilerServices;

namespace Flotilla.Groups;

/// <summary>Looks at a cluster from outside, through one node: who is in it, and how that changes. For tools; not thread-safe.</summary>
public sealed class ClusterMonitor : IAsyncDisposable
{
    private readonly ClientSession _session;

    private ClusterMonitor(ClientSession session, string address) => (_session, Address) = (session, address);

    /// <summary>The node it looks through.</summary>
    public string Address { get; }

    /// <summary>
    /// Connects to the first node of the list that answers. Throws what the last one failed with: <see cref="System.Net.Sockets.SocketException"/>, <see cref="IOException"/>,
    /// <see cref="InvalidDataException"/> when it refused, <see cref="OperationCanceledException"/> when it was silent.
    /// </summary>
    public static async Task<ClusterMonitor> ConnectAsync(GroupClientOptions options, CancellationToken cancellation = default)
    {
        for (var at = 0; ; at++)
        {
            try
            {
                return new ClusterMonitor(await ClientSession.OpenAsync(options.Nodes[at], options, cancellation).ConfigureAwait(false), options.Nodes[at]);
            }
            catch (Exception) when (at + 1 < options.Nodes.Length && !cancellation.IsCancellationRequested)
            {
                // The next one of the list may answer; the last one's failure is the caller's.
            }
        }
    }

    /// <summary>How it looks now.</summary>
    public async Task<ClusterStatus> GetAsync(CancellationToken cancellation = default)
    {
        await foreach (var status in ReadAsync(isWatching: false, cancellation).ConfigureAwait(false))
            return status;
        throw new EndOfStreamException($"{Address} ended the connection");
    }

    /// <summary>How it looks now, and again after each change; ends when the connection does.</summary>
    public IAsyncEnumerable<ClusterStatus> WatchAsync(CancellationToken cancellation = default) => ReadAsync(isWatching: true, cancellation);

    public ValueTask DisposeAsync() => _session.DisposeAsync();

    private async IAsyncEnumerable<ClusterStatus> ReadAsync(bool isWatching, [EnumeratorCancellation] CancellationToken cancellation)
    {
        _session.AskStatus(isWatching);
        while (await _session.ReadAsync().AsTask().WaitAsync(cancellation).ConfigureAwait(false) is { } frame)
        {
            if (StatusFrame.TryRead(frame.Span, out var status))
                yield return status!;
        }
    }
}
