using Flotilla.Chaos.Tests.Clients;

namespace Flotilla.Chaos.Tests.Checks;

/// <summary>Each promise, kept and broken.</summary>
public sealed class PromisesTests
{
    private static readonly Write[] Writes =
    [
        Acknowledged(1, host: 0, sent: 100, ended: 110),
        new(1, 2, 0, 120, 130, WriteOutcome.Unknown),
        new(1, 3, 1, 140, 150, WriteOutcome.Refused),
        Acknowledged(4, host: 1, sent: 160, ended: 170),
    ];

    private static readonly StoredRow[] Rows = [new(1, 1, 1, 1), new(1, 4, 2, 2)];

    private static readonly ServerContent[] Servers = [new("db-a", true, "0-2-9", "0-2-9", "app.w 1"), new("db-b", false, "0-2-9", "0-2-9", "app.w 1"), new("db-c", true, "0-2-9", "0-2-9", "app.w 1")];

    [Fact]
    public void WhatIsWellBreaksNothing() => Assert.Empty(Promises.Check(Writes, Rows, Servers));

    [Fact]
    public void ARowOfWhichNobodyKnowsMayBeThere() => Assert.Empty(Promises.Check(Writes, [.. Rows, new(1, 2, 1, 1)], Servers));

    [Fact]
    public void AnAcknowledgedRowThatIsNotThereIsLost() => Broken("1 acknowledged rows are lost: row 1/4", Promises.Check(Writes, Rows[..1], Servers));

    [Fact]
    public void ARefusedRowThatIsThereIsTold() => Broken("1 refused rows are there: row 1/3", Promises.Check(Writes, [.. Rows, new(1, 3, 2, 2)], Servers));

    [Fact]
    public void TwoServersInOneEpochAreTold()
        => Broken("epoch 1 was written by servers 1, 2", Promises.Check([.. Writes, Acknowledged(5, host: 1, sent: 115, ended: 118)], [.. Rows, new(1, 5, 2, 1)], Servers));

    [Fact]
    public void AnAnswerOfAnEpochAfterOneOfALaterEpochIsTold()
        => Broken(
            "server 1 acknowledged row 1/5 in epoch 1 at least 1 ms after server 2 had acknowledged row 1/4 in epoch 2",
            Promises.Check([.. Writes, Acknowledged(5, host: 0, sent: 1_000_171, ended: 1_000_180)], [.. Rows, new(1, 5, 1, 1)], Servers));

    [Fact]
    public void AnAnswerThatMayHaveComeBeforeIsNone() => Assert.Empty(Promises.Check([.. Writes, Acknowledged(5, host: 0, sent: 169, ended: 500)], [.. Rows, new(1, 5, 1, 1)], Servers));

    [Fact]
    public void AnAnswerByAnotherServerThanTheRowSaysIsTold()
        => Broken("row 1/4 was answered by server 2 and committed by 3", Promises.Check(Writes, [Rows[0], new(1, 4, 3, 2)], Servers));

    [Theory]
    [InlineData("0-2-8", "0-2-9", "app.w 1")]
    [InlineData("0-2-9", "0-2-8", "app.w 1")]
    [InlineData("0-2-9", "0-2-9", "app.w 2")]
    public void AServerThatHasSomethingElseIsTold(string binlog, string current, string checksums)
        => Assert.Contains("is not as", Assert.Single(Promises.Check(Writes, Rows, [.. Servers[..2], new("db-c", true, binlog, current, checksums)])), StringComparison.Ordinal);

    [Fact]
    public void TwoWritableServersAreTold() => Broken("writable are: db-a, db-b", Promises.Check(Writes, Rows, [Servers[0] with { IsReadOnly = false }, .. Servers[1..]]));

    [Fact]
    public void NoWritableServerIsTold() => Broken("writable are: ", Promises.Check(Writes, Rows, [.. Servers.Select(server => server with { IsReadOnly = true })]));

    [Fact]
    public void WhatIsAskedAfterTheEndOfTheLeaseIsNotAnswered()
    {
        Assert.Empty(Promises.SilentAfter(Writes, Rows, host: 0, epoch: 1, leaseEndNs: 100));
        Assert.Empty(Promises.SilentAfter(Writes, Rows, host: 0, epoch: 2, leaseEndNs: 99));
        Broken("1 writes were acknowledged by server 1 after its lease of epoch 1 was over: row 1/1 0 ms after it", [.. Promises.SilentAfter(Writes, Rows, host: 0, epoch: 1, leaseEndNs: 99)]);
    }

    [Fact]
    public void AWriteIsReadAsItWasNoted() => Assert.Equal(Writes, Writes.Select(write => Write.Parse(write.ToLine())));

    private static Write Acknowledged(long row, int host, long sent, long ended) => new(1, row, host, sent, ended, WriteOutcome.Acknowledged);

    private static void Broken(string expected, IReadOnlyList<string> broken) => Assert.Equal(expected, Assert.Single(broken));
}
