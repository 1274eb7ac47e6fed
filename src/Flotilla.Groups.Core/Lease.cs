namespace Flotilla.Groups.Core;

/// <summary>This node's right to act for its view, until an instant of its own monotonic clock. It may be extended, never shortened but by its end.</summary>
public readonly record struct Lease(ulong Epoch, long UntilNs)
{
    public bool IsValidAt(long nowNs) => Epoch != 0 && nowNs < UntilNs;
}
