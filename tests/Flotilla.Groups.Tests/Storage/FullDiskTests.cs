using Flotilla.Groups.Core;
using Flotilla.TestSupport;

namespace Flotilla.Groups.Tests.Storage;

public sealed class FullDiskTests
{
    [Fact]
    public void OnAFullDiskNothingMoreIsPromisedAndWhatWasIsThere()
    {
        Assert.SkipUnless(SmallDisk.IsPossible, "only root can mount a small file system");
        using var disk = SmallDisk.Mount(256 << 10);
        var path = Path.Combine(disk.Folder, "data");
        ulong written = 0;
        using (var log = LogFixture.Open(path))
        {
            for (var i = 1UL; log.Failure is null; i++)
            {
                Assert.InRange(i, 1UL, 1000UL);
                log.Append(PersistRecordKind.Entry, i, new string('x', 3000));
                written = log.Write(LogFixture.Now);
            }

            Assert.Contains("can't write", log.Failure, StringComparison.Ordinal);
            log.Append(PersistRecordKind.Entry, 2000, "more");
            Assert.Equal(written, log.Write(LogFixture.Now));
        }

        Assert.NotEqual(0UL, written);
        Assert.Equal((int)written, LogFixture.Read(path, out _).Count);
    }
}
