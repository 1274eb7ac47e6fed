namespace Flotilla.Groups.Core;

/// <summary>
/// Takes a lock; Done brings its fencing token, which is greater than every one given for it before. Those who wait get it in the log's order.
/// Released when the holder's incarnation leaves the cluster.
/// </summary>
/// <param name="Name">The lock.</param>
/// <param name="TimeoutNs">How long to wait; 0 tries, <see cref="Forever"/> waits. After TimedOut the lock is not held, nor will be.</param>
public sealed record AcquireLock(string Name, long TimeoutNs = AcquireLock.Forever) : GroupCommand
{
    public const long Forever = long.MaxValue;
}
