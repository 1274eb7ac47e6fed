using System.Globalization;

namespace Flotilla.Disk.Tests;

public sealed class FolderClaimTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("flotilla-claim-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void AFolderBelongsToOneAtATimeAndItsHolderIsNamed()
    {
        var id = Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
        using (FolderClaim.Take(_folder))
        {
            var refused = Assert.Throws<FolderClaimedException>(() => FolderClaim.Take(_folder));
            Assert.Equal(id, refused.Owner);
            Assert.Equal($"{_folder} is in use by process {id}", refused.Message);
            File.Delete(Path.Combine(_folder, FolderClaim.OwnerName));
            Assert.Equal("unknown", Assert.Throws<FolderClaimedException>(() => FolderClaim.Take(_folder)).Owner);
        }

        FolderClaim.Take(_folder).Dispose();
    }

    /// <summary>A lock that can't be opened for another reason is not somebody else's.</summary>
    [Fact]
    public void WhatHindersIsNotTakenForAnotherProcess()
    {
        Assert.Throws<DirectoryNotFoundException>(() => FolderClaim.Take(Path.Combine(_folder, "nothing")));
        Directory.CreateDirectory(Path.Combine(_folder, FolderClaim.LockName));
        Assert.Throws<UnauthorizedAccessException>(() => FolderClaim.Take(_folder));
    }
}
