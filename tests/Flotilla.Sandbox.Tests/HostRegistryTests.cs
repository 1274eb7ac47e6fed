using Flotilla.Sandbox.Tests.Support;

namespace Flotilla.Sandbox.Tests;

/// <summary>Roots of one user on one host know of each other's sandboxes, running or not.</summary>
public sealed class HostRegistryTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("flotilla-roots-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void SandboxesOfOtherRootsAreKnownUntilTheirRootIsGone()
    {
        var (first, second) = (Path.Combine(_folder, "first"), Path.Combine(_folder, "second"));
        var record = Planner.Plan(
            new SandboxSpec { Name = $"x{Guid.NewGuid():N}", Server = FakeServer.Nowhere(ServerFlavor.MariaDb, "10.11.19") }, first, [], [], DateTimeOffset.UnixEpoch, _ => null);
        Directory.CreateDirectory(Path.Combine(first, record.Name));
        record.Write(Path.Combine(first, record.Name));
        Directory.CreateDirectory(second);

        Assert.DoesNotContain(HostRegistry.Enter(first), one => one.Name == record.Name);
        Assert.Contains(HostRegistry.Enter(second), one => one.Name == record.Name);
        HostRegistry.Leave(first);
        Assert.DoesNotContain(HostRegistry.Enter(second), one => one.Name == record.Name);
        HostRegistry.Enter(first);
        Directory.Delete(first, recursive: true);
        Assert.DoesNotContain(HostRegistry.Enter(second), one => one.Name == record.Name);
        HostRegistry.Leave(second);
    }
}
