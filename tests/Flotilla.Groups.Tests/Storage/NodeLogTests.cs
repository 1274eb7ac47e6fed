using Flotilla.Groups.Core;
using Flotilla.Groups.Storage;

namespace Flotilla.Groups.Tests.Storage;

public sealed class NodeLogTests
{
    [Fact]
    public void WhatWasAppendedIsReadBackInOrder()
    {
        using var folder = new TempFolder();
        using (var log = LogFixture.Open(folder.Path))
        {
            Assert.Equal(1UL, log.Append(PersistRecordKind.Identity, 0, "me"));
            Assert.Equal(2UL, log.Append(PersistRecordKind.Entry, 7, ""));
            Assert.Equal(2UL, log.Write(LogFixture.Now));
            Assert.Equal(3UL, log.Append(PersistRecordKind.Checkpoint, 7, "state"));
        }

        var records = LogFixture.Read(folder.Path, out var reports);

        Assert.Equal(["Identity 0 me", "Entry 7 ", "Checkpoint 7 state"], records);
        Assert.Empty(reports);
    }

    [Fact]
    public async Task AnUrgentRecordIsFlushedByItself()
    {
        using var folder = new TempFolder();
        using var log = LogFixture.Open(folder.Path);
        var ticket = log.Append(PersistRecordKind.Promise, 1, "promise", isUrgent: true);
        log.Write(LogFixture.Now);

        await log.FlushedAsync(ticket);

        Assert.Equal(ticket, log.FlushedTicket);
    }

    [Fact]
    public async Task OldSegmentsAreDroppedWhenACheckpointCoversThem()
    {
        using var folder = new TempFolder();
        var options = new StorageOptions { SegmentBytes = 4096 };
        List<string> records = [];
        using (var log = LogFixture.Open(folder.Path, options: options))
        {
            log.Append(PersistRecordKind.Identity, 0, "me");
            log.Append(PersistRecordKind.Promise, 1, "old promise");
            log.Append(PersistRecordKind.Promise, 2, "promise");
            for (var i = 1UL; i <= 100; i++)
            {
                log.Append(PersistRecordKind.Entry, i, new string('x', 500));
                log.Write(LogFixture.Now);
            }

            log.Append(PersistRecordKind.Checkpoint, 90, "state at 90");
            var ticket = log.Append(PersistRecordKind.Prune, 90, "", isUrgent: true);
            log.Write(LogFixture.Now);
            await log.FlushedAsync(ticket);
            log.Write(LogFixture.Now);
        }

        Assert.False(File.Exists(folder.Combine(SegmentFormat.NameOf(1))));
        using (LogFixture.Open(folder.Path, records, options))
            Assert.Equal(["Identity 0 me", "Promise 2 promise"], records.Take(2));
        Assert.InRange(records.Count(record => record.StartsWith("Entry", StringComparison.Ordinal)), 10, 30);
        Assert.Contains("Entry 91 " + new string('x', 500), records);
        Assert.Contains("Checkpoint 90 state at 90", records);
        Assert.Single(records, record => record.StartsWith("Identity", StringComparison.Ordinal));
    }

    [Fact]
    public void AfterManySegmentsEverythingIsReadBackOnce()
    {
        using var folder = new TempFolder();
        var options = new StorageOptions { SegmentBytes = 4096 };
        List<string> expected = [];
        for (var life = 0; life < 3; life++)
        {
            List<string> records = [];
            using var log = LogFixture.Open(folder.Path, records, options);
            Assert.Equal(expected, records);
            for (var i = 0; i < 40; i++)
            {
                var kind = i % 10 == 0 ? PersistRecordKind.Promise : PersistRecordKind.Entry;
                var body = $"{life} {i} {new string('y', 300)}";
                log.Append(kind, (ulong)i, body);
                expected.Add($"{kind} {i} {body}");
                log.Write(LogFixture.Now);
            }
        }
    }

    [Fact]
    public void ASecondProcessCannotHaveTheDirectory()
    {
        using var folder = new TempFolder();
        using var log = LogFixture.Open(folder.Path);

        var refused = Assert.Throws<StorageException>(() => LogFixture.Open(folder.Path));

        Assert.Contains($"in use by process {Environment.ProcessId}", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task OnlyAnInstalledViewMakesTheBootTheSame()
    {
        using var folder = new TempFolder();
        using (var log = LogFixture.Open(folder.Path))
            Assert.True(log.IsSameBoot);
        LogFixture.PretendReboot(folder.Path);
        using (var log = LogFixture.Open(folder.Path))
            Assert.False(log.IsSameBoot);
        using (var log = LogFixture.Open(folder.Path))
        {
            Assert.False(log.IsSameBoot);
            var ticket = log.Append(PersistRecordKind.Installed, 1, "view", isUrgent: true);
            log.Write(LogFixture.Now);
            await log.FlushedAsync(ticket);
        }

        using (var log = LogFixture.Open(folder.Path))
            Assert.True(log.IsSameBoot);
    }

    [Fact]
    public void ALargeRecordIsKept()
    {
        using var folder = new TempFolder();
        var body = new string('z', 20 << 20);
        using (var log = LogFixture.Open(folder.Path))
            log.Append(PersistRecordKind.Entry, 1, body);

        Assert.Equal(["Entry 1 " + body], LogFixture.Read(folder.Path, out _));
    }
}
