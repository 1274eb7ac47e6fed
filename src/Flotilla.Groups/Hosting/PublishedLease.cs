using Flotilla.Groups.Core;

namespace Flotilla.Groups.Hosting;

/// <summary>A lease that other threads read while the node's thread replaces it: whole, never half of each.</summary>
internal sealed class PublishedLease
{
    private sealed record Box(Lease Lease);

    private volatile Box _box = new(default);

    public Lease Lease
    {
        get => _box.Lease;
        set => _box = new Box(value);
    }
}
