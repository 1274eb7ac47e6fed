using Flotilla.Primitives;

namespace Flotilla.JobServer.Http;

/// <summary>
/// Memory for the bodies of requests that are not complete yet, shared by all HTTP connections of a server: each may send slowly, and each
/// alone is within its own limit. Under the machine's lock.
/// </summary>
public sealed class BodyBudget(long limitBytes)
{
    private long _usedBytes;

    /// <summary>How much of it is taken.</summary>
    public long UsedBytes => _usedBytes;

    /// <summary>Takes so much more; false, and nothing is taken, when that is not there.</summary>
    internal bool TryTake(long bytes)
    {
        if (_usedBytes + bytes > limitBytes)
            return false;
        _usedBytes += bytes;
        return true;
    }

    internal void GiveBack(long bytes)
    {
        _usedBytes -= bytes;
        Invariant.Require(_usedBytes >= 0);
    }
}
