using Flotilla.Primitives;

namespace Flotilla.JobServer.Core;

/// <summary>
/// The listings under way. They go on at ticks, one slice of one listing each, and wait for readers that are slow. One that was given
/// up keeps its turn and does nothing with it.
/// </summary>
internal sealed class Listings(MachineState state)
{
    /// <summary>Not read yet beyond this: the listing waits, and memory stays flat.</summary>
    private const int UnreadBytesMax = 256 * 1024;
    private const long SlowReaderPauseMs = 20;
    private readonly Queue<ConnectionState> _open = new();
    private long _nextMs;

    public long NextMs => _open.Count == 0 ? long.MaxValue : _nextMs;

    /// <summary>Writes a slice; true when the listing is through.</summary>
    public bool Continue(ConnectionState connection, Listing listing, ByteQueue output)
    {
        if (output.LengthBytes < UnreadBytesMax)
        {
            if (listing.WriteSlice(state, output))
                return true;
            _nextMs = state.NowMs;
        }

        if (!connection.IsListing)
        {
            connection.IsListing = true;
            _open.Enqueue(connection);
        }

        return false;
    }

    public void Run()
    {
        if (state.NowMs < NextMs)
            return;
        _nextMs = state.NowMs + SlowReaderPauseMs;
        for (var turns = _open.Count; turns > 0; turns--)
        {
            var connection = _open.Dequeue();
            connection.IsListing = false;
            if (connection.IsClosing || connection.Held is null)
                continue;
            state.Replies.Release(connection);
            if (_nextMs == state.NowMs)
                return;
        }
    }
}
