namespace Flotilla.Chaos.Tests.Faults;

/// <summary>The servers of this cluster have a disk of their own.</summary>
public sealed class SmallDiskFixture : ChaosFixture
{
    private protected override int? DiskMebibytes => 400;
}
