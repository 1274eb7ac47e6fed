namespace Flotilla.JobServer.Core;

/// <summary>One reply that waits, with the bytes that were written before it.</summary>
internal struct HeldReply
{
    /// <summary>What one counts against the limit of bytes that may wait for a connection: itself, in an array that grows by doubling.</summary>
    public const int CostBytes = 64;

    public HeldReplyKind Kind;

    /// <summary>The store said no.</summary>
    public bool IsFailed;

    /// <summary>The record it waits for.</summary>
    public ulong Sequence;

    /// <summary>The handle to answer with.</summary>
    public ulong JobId;

    /// <summary>Bytes written after the reply before this one.</summary>
    public long BytesBefore;
}
