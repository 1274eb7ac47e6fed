using Flotilla.JobServer.Stores;

namespace Flotilla.JobServer.Tests.Stores;

/// <summary>The file store on a real disk.</summary>
public sealed class FileJobStoreContractTests : JobStoreContract, IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("flotilla-store-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    protected override IJobStore Make() => new FileJobStore(new FileJobStoreOptions { Folder = Path.Combine(_folder, "jobs"), SegmentBytes = 65_536 });
}
