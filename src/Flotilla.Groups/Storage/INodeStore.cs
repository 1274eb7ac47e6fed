using Flotilla.Groups.Core;

namespace Flotilla.Groups.Storage;

/// <summary>Where a node's records go.</summary>
internal interface INodeStore : IDisposable
{
    /// <summary>Nothing that was acknowledged before this start can have been lost.</summary>
    bool IsSameBoot { get; }

    /// <summary>Records to this ticket survive the end of the power. From any thread.</summary>
    ulong FlushedTicket { get; }

    /// <summary>What failed; nothing is taken any more. Null while all is well.</summary>
    string? Failure { get; }

    /// <summary>Whether <see cref="Write"/> has something to write.</summary>
    bool HasPending { get; }

    /// <summary>Takes a record; returns its ticket: 1, 2, 3, ...</summary>
    ulong Append(in PersistRecord record);

    /// <summary>Writes what was appended, and has it flushed if somebody waits for that. Returns the last ticket that survives the end of the process.</summary>
    ulong Write(long nowNs);
}
