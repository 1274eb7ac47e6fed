using Flotilla.Groups.Core;

namespace Flotilla.Groups.Storage;

/// <summary>For a node without a directory: nothing is kept, and the next start is another node, so nothing can be broken that was promised.</summary>
internal sealed class MemoryStore : INodeStore
{
    private ulong _appended;
    private ulong _written;

    public bool IsSameBoot => true;

    public ulong FlushedTicket => _written;

    public string? Failure => null;

    public bool HasPending => _written != _appended;

    public ulong Append(in PersistRecord record) => ++_appended;

    public ulong Write(long nowNs) => _written = _appended;

    public void Dispose()
    {
    }
}
