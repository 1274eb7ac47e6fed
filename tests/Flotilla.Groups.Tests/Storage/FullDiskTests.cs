using System.Diagnostics;
using Flotilla.Groups.Core;

namespace Flotilla.Groups.Tests.Storage;

public sealed class FullDiskTests
{
    [Fact]
    public void OnAFullDiskNothingMoreIsPromisedAndWhatWasIsThere()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.UserName == "root", "mounting a small file system needs root on Linux");
        using var folder = new TempFolder();
        Run("mount", "-t", "tmpfs", "-o", "size=256k", "none", folder.Path);
        try
        {
            var path = folder.Combine("data");
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
        finally
        {
            Run("umount", folder.Path);
        }
    }

    private static void Run(string program, params string[] arguments)
    {
        using var process = Process.Start(program, arguments);
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
    }
}
