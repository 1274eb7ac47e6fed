using Flotilla.Groups.Core;
using Flotilla.Groups.Storage;

namespace Flotilla.Groups.Tests.Storage;

public sealed class LogRecoveryTests
{
    private static readonly string[] s_three = ["Entry 1 entry 1", "Entry 2 entry 2", "Entry 3 entry 3"];

    [Fact]
    public async Task ALogThatEndsAnywhereGivesTheWholeRecordsBeforeThat()
    {
        using var made = new TempFolder();
        var offsets = await LogFixture.MakeAsync(made.Path);
        for (var end = offsets[0]; end <= offsets[^1]; end++)
        {
            using var folder = new TempFolder();
            LogFixture.Copy(made.Path, folder.Path);
            var file = folder.Combine(SegmentFormat.NameOf(1));
            using (var handle = File.OpenHandle(file, FileMode.Open, FileAccess.Write))
                RandomAccess.SetLength(handle, end);
            var whole = offsets.Count(offset => offset <= end) - 1;

            var records = LogFixture.Read(folder.Path, out var reports);

            Assert.Equal(s_three[..whole], records);
            if (offsets.Contains(end))
                Assert.Empty(reports);
            else
                Assert.Contains($"{file}, offset {offsets[whole]}", Assert.Single(reports), StringComparison.Ordinal);
            Assert.Equal(records, LogFixture.Read(folder.Path, out reports));
            Assert.Empty(reports);
        }
    }

    [Fact]
    public async Task AfterACutTheLogGoesOn()
    {
        using var folder = new TempFolder();
        var offsets = await LogFixture.MakeAsync(folder.Path);
        using (var handle = File.OpenHandle(folder.Combine(SegmentFormat.NameOf(1)), FileMode.Open, FileAccess.Write))
            RandomAccess.SetLength(handle, offsets[2] + 5);
        using (var log = LogFixture.Open(folder.Path))
            log.Append(PersistRecordKind.Entry, 3, "another");

        Assert.Equal([.. s_three[..2], "Entry 3 another"], LogFixture.Read(folder.Path, out _));
    }

    [Fact]
    public async Task AByteThatRottedInTheMiddleIsRefusedWithFileOffsetAndRemedy()
    {
        using var made = new TempFolder();
        var offsets = await LogFixture.MakeAsync(made.Path);
        for (var at = offsets[0]; at < offsets[2]; at++)
        {
            using var folder = new TempFolder();
            LogFixture.Copy(made.Path, folder.Path);
            var file = folder.Combine(SegmentFormat.NameOf(1));
            Flip(file, at);
            var record = offsets.Last(offset => offset <= at);

            var refused = Assert.Throws<StorageException>(() => LogFixture.Open(folder.Path));

            Assert.Contains($"{file}, offset {record}:", refused.Message, StringComparison.Ordinal);
            Assert.Contains("begin with an empty directory", refused.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task AfterARebootAHoleThatWasNeverFlushedIsCutAndOneThatWasIsRefused()
    {
        using var made = new TempFolder();
        var offsets = await LogFixture.MakeAsync(made.Path);
        LogFixture.PretendReboot(made.Path);
        for (var record = 0; record < 3; record++)
        {
            using var folder = new TempFolder();
            LogFixture.Copy(made.Path, folder.Path);
            var file = folder.Combine(SegmentFormat.NameOf(1));
            Flip(file, offsets[record] + 30);
            if (record == 2)
            {
                Assert.Equal(s_three[..2], LogFixture.Read(folder.Path, out var reports));
                Assert.Contains("cut off", Assert.Single(reports), StringComparison.Ordinal);
            }
            else
            {
                Assert.Contains("says that it was flushed", Assert.Throws<StorageException>(() => LogFixture.Open(folder.Path)).Message, StringComparison.Ordinal);
            }
        }

        using var unflushed = new TempFolder();
        using (var log = LogFixture.Open(unflushed.Path, options: new StorageOptions { FlushEvery = TimeSpan.FromMinutes(1) }))
        {
            log.Append(PersistRecordKind.Entry, 1, "entry 1");
            log.Append(PersistRecordKind.Entry, 2, "entry 2");
            log.Write(LogFixture.Now);
        }

        LogFixture.PretendReboot(unflushed.Path);
        Flip(unflushed.Combine(SegmentFormat.NameOf(1)), SegmentFormat.HeaderBytes + 30);
        Assert.Empty(LogFixture.Read(unflushed.Path, out var cut));
        Assert.Single(cut);
    }

    [Fact]
    public void ARottenHeaderOfASegmentIsRefused()
    {
        using var made = new TempFolder();
        LogFixture.Open(made.Path).Dispose();
        for (var at = 0; at < SegmentFormat.HeaderBytes; at++)
        {
            using var folder = new TempFolder();
            LogFixture.Copy(made.Path, folder.Path);
            Flip(folder.Combine(SegmentFormat.NameOf(1)), at);

            Assert.Contains("offset 0:", Assert.Throws<StorageException>(() => LogFixture.Open(folder.Path)).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void AMissingSegmentIsRefused()
    {
        using var folder = new TempFolder();
        using (var log = LogFixture.Open(folder.Path, options: new StorageOptions { SegmentBytes = 4096 }))
        {
            for (var i = 1UL; i <= 60; i++)
            {
                log.Append(PersistRecordKind.Entry, i, new string('x', 500));
                log.Write(LogFixture.Now);
            }
        }

        File.Delete(folder.Combine(SegmentFormat.NameOf(2)));

        Assert.Contains(SegmentFormat.NameOf(2) + " is missing", Assert.Throws<StorageException>(() => LogFixture.Open(folder.Path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AllSegmentsMissingAreRefused()
    {
        using var folder = new TempFolder();
        LogFixture.Open(folder.Path).Dispose();
        File.Delete(folder.Combine(SegmentFormat.NameOf(1)));

        Assert.Contains("holds no segment", Assert.Throws<StorageException>(() => LogFixture.Open(folder.Path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ASegmentOfAnotherDirectoryIsRefused()
    {
        using var folder = new TempFolder();
        using var other = new TempFolder();
        LogFixture.Open(folder.Path).Dispose();
        LogFixture.Open(other.Path).Dispose();
        File.Copy(other.Combine(SegmentFormat.NameOf(1)), folder.Combine(SegmentFormat.NameOf(1)), overwrite: true);

        Assert.Contains("another data directory", Assert.Throws<StorageException>(() => LogFixture.Open(folder.Path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AForeignDirectoryIsRefusedAndLeftAlone()
    {
        using var folder = new TempFolder();
        File.WriteAllText(folder.Combine("holiday.jpg"), "sea");

        Assert.Contains("holds holiday.jpg and is no data directory", Assert.Throws<StorageException>(() => LogFixture.Open(folder.Path)).Message, StringComparison.Ordinal);
        Assert.False(File.Exists(folder.Combine("node")));
    }

    [Theory]
    [InlineData("flotilla group node\nformat 2\ndirectory 1\n", "has format 2")]
    [InlineData("flotilla group node\nformat x\ndirectory 1\n", "not a format")]
    [InlineData("flotilla group node\nformat 1\ndirectory 0\n", "not the directory's number")]
    [InlineData("something else\n", "does not begin with")]
    [InlineData("", "does not begin with")]
    public void ANewerOrDamagedDirectoryIsRefused(string node, string expected)
    {
        using var folder = new TempFolder();
        LogFixture.Open(folder.Path).Dispose();
        File.WriteAllText(folder.Combine("node"), node);

        Assert.Contains(expected, Assert.Throws<StorageException>(() => LogFixture.Open(folder.Path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ADirectoryWhoseMakingWasInterruptedIsMadeAgain()
    {
        using var folder = new TempFolder();
        LogFixture.Open(folder.Path).Dispose();
        File.Delete(folder.Combine("node"));

        using var log = LogFixture.Open(folder.Path);

        Assert.True(File.Exists(folder.Combine("node")));
    }

    [Fact]
    public void ASegmentThatWasBeingMadeIsDropped()
    {
        using var folder = new TempFolder();
        using (var log = LogFixture.Open(folder.Path))
            log.Append(PersistRecordKind.Entry, 1, "entry 1");
        File.WriteAllBytes(folder.Combine(SegmentFormat.NameOf(2)), new byte[10]);

        Assert.Equal(s_three[..1], LogFixture.Read(folder.Path, out var reports));
        Assert.Contains("was being made", Assert.Single(reports), StringComparison.Ordinal);
    }

    private static void Flip(string file, long at)
    {
        using var handle = File.OpenHandle(file, FileMode.Open, FileAccess.ReadWrite);
        Span<byte> value = stackalloc byte[1];
        RandomAccess.Read(handle, value, at);
        value[0] ^= 0x55;
        RandomAccess.Write(handle, value, at);
    }
}
