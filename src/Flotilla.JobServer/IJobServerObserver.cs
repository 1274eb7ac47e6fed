using Flotilla.JobServer.Core;

namespace Flotilla.JobServer;

/// <summary>
/// Watches a running server: metrics, traces, hooks. Calls come from the I/O loops and from the store pump, several at a time, and
/// <see cref="Report"/> under the machine's lock: an implementation counts or enqueues and returns, it never waits and never throws. Only
/// <see cref="Report"/> must be written; the rest does nothing unless it is.
/// </summary>
public interface IJobServerObserver
{
    /// <summary>The kinds of events it wants, one bit each; read once. Default all. Each call not made is time the loop keeps.</summary>
    ulong Kinds => ulong.MaxValue;

    /// <summary>What the machine reported; the bytes in it are borrowed for the call.</summary>
    void Report(in JobServerEvent happened);

    /// <summary>A connection was accepted, and its TLS handshake, if any, is over.</summary>
    void ConnectionOpened()
    {
    }

    /// <summary>A connection that was opened is gone.</summary>
    void ConnectionClosed()
    {
    }

    /// <summary>Called once per wake-up of a loop, with the sum over its connections.</summary>
    void BytesReceived(long count)
    {
    }

    /// <summary>Called once per wake-up of a loop, with the sum over its connections.</summary>
    void BytesSent(long count)
    {
    }

    /// <summary>The store made a batch durable.</summary>
    /// <param name="records">Records in the batch.</param>
    /// <param name="bytes">Their size as encoded by <see cref="RecordCodec"/>.</param>
    /// <param name="elapsed">From handing the batch to the store until it answered.</param>
    void StoreCommitted(int records, long bytes, TimeSpan elapsed)
    {
    }

    /// <summary>The store refused a batch; its jobs were answered with an error.</summary>
    void StoreFailed(int records, string reason)
    {
    }
}
