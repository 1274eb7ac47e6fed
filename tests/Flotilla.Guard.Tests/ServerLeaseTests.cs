namespace Flotilla.Guard.Tests;

/// <summary>The rules of a lease, without processes.</summary>
public sealed class ServerLeaseTests
{
    private const long Now = 1_000_000_000_000;

    [Fact]
    public void WithinAnEpochADeadlineOnlyMovesForward()
    {
        var lease = new ServerLease();
        Assert.Equal(GuardRefusal.None, lease.Extend(3, Now + 200, Now));
        Assert.Equal(GuardRefusal.None, lease.Extend(3, Now + 100, Now));
        Assert.Equal(Now + 200, lease.DeadlineNs);
        Assert.Equal(GuardRefusal.None, lease.Extend(3, Now + 300, Now));
        Assert.Equal(Now + 300, lease.DeadlineNs);
    }

    [Fact]
    public void ANewerEpochSetsItsOwnDeadline()
    {
        var lease = new ServerLease();
        Assert.Equal(GuardRefusal.None, lease.Extend(3, Now + 200, Now));
        Assert.Equal(GuardRefusal.None, lease.Extend(4, Now + 100, Now));
        Assert.Equal((4UL, Now + 100), (lease.Epoch, lease.DeadlineNs));
        Assert.Equal(GuardRefusal.StaleEpoch, lease.Extend(3, Now + 900, Now));
        Assert.Equal((4UL, Now + 100), (lease.Epoch, lease.DeadlineNs));
    }

    [Fact]
    public void OnlyALeaseOfTheFutureAndNotTooFarIsTaken()
    {
        var lease = new ServerLease();
        Assert.Equal(GuardRefusal.DeadlinePassed, lease.Extend(1, Now, Now));
        Assert.Equal(GuardRefusal.DeadlineTooFar, lease.Extend(1, Now + GuardProtocol.LeaseNsMax + 1, Now));
        Assert.Equal(GuardRefusal.DeadlineTooFar, lease.Extend(1, long.MaxValue, Now));
        Assert.Equal((0UL, 0L), (lease.Epoch, lease.DeadlineNs));
        Assert.Equal(GuardRefusal.None, lease.Extend(1, Now + GuardProtocol.LeaseNsMax, Now));
    }

    [Fact]
    public void AReleaseOfAnOldEpochLeavesTheLease()
    {
        var lease = new ServerLease();
        Assert.Equal(GuardRefusal.None, lease.Extend(3, Now + 200, Now));
        Assert.Equal(GuardRefusal.StaleEpoch, lease.Release(2));
        Assert.Equal(Now + 200, lease.DeadlineNs);
        Assert.Equal(GuardRefusal.None, lease.Release(4));
        Assert.Equal((4UL, 0L), (lease.Epoch, lease.DeadlineNs));
        Assert.Equal(GuardRefusal.StaleEpoch, lease.Extend(3, Now + 300, Now));
    }
}
