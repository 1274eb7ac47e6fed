using Flotilla.Guard.Tests.Support;
using Flotilla.MySql;
using Flotilla.TestSupport;

namespace Flotilla.Guard.Tests;

/// <summary>
/// Why the guard sends SIGKILL and nothing else works, on a real MariaDB: what becomes of a commit that waits for its semi-sync acknowledgement.
/// </summary>
public sealed class SemiSyncTests
{
    private static readonly string[] Primary =
    [
        "--rpl-semi-sync-master-enabled=1", "--rpl-semi-sync-master-wait-point=AFTER_SYNC", "--rpl-semi-sync-master-timeout=4294967295", "--rpl-semi-sync-master-wait-no-slave=1",
    ];

    [Fact]
    [Trait("tier", "full")]
    public async Task ReadOnlyWaitsForACommitThatWaitsForItsAcknowledgement()
    {
        await using var server = await WaitingCommit.StartAsync(Primary);
        await using var other = await server.OpenAsync(commandTimeout: TimeSpan.FromSeconds(3));

        await Assert.ThrowsAsync<MySqlTimeoutException>(() => other.ExecuteAsync("SET GLOBAL read_only=1").AsTask());
        await using var look = await server.OpenAsync();
        Assert.Equal("0", await look.QueryScalarAsync("SELECT @@GLOBAL.read_only"));
        Assert.False(server.Commit.IsCompleted);
    }

    [Fact]
    [Trait("tier", "full")]
    public async Task SwitchingSemiSyncOffIsAFalseAcknowledgement()
    {
        await using var server = await WaitingCommit.StartAsync(Primary);
        await using var other = await server.OpenAsync();
        await other.ExecuteAsync("SET GLOBAL rpl_semi_sync_master_enabled=0");

        _ = await server.Commit.WaitAsync(Deadline.Default);
    }

    [Fact]
    [Trait("tier", "full")]
    public async Task AKilledConnectionLeavesItsRowCommitted()
    {
        await using var server = await WaitingCommit.StartAsync(Primary);
        await using var other = await server.OpenAsync();
        await other.ExecuteAsync($"KILL {server.CommitConnection}");
        await Assert.ThrowsAnyAsync<MySqlException>(() => server.Commit.WaitAsync(Deadline.Default));
        await server.Guard.StopAsync(TimeSpan.FromMinutes(1));
        await server.RestartAsync([]);

        Assert.Equal("2", await server.CountAsync());
    }

    [Fact]
    [Trait("tier", "full")]
    public async Task SigTermAndARestartInTheDefaultRoleLeaveTheRowCommitted()
    {
        await using var server = await WaitingCommit.StartAsync(Primary);
        await server.Guard.StopAsync(TimeSpan.FromMinutes(1));
        await server.RestartAsync([]);

        Assert.Equal("2", await server.CountAsync());
    }

    [Fact]
    [Trait("tier", "full")]
    public async Task SigKillAndARestartInTheDefaultRoleLeaveTheRowCommitted()
    {
        await using var server = await WaitingCommit.StartAsync(Primary);
        await server.Guard.KillAsync();
        await Assert.ThrowsAnyAsync<MySqlException>(() => server.Commit.WaitAsync(Deadline.Default));
        await server.RestartAsync([]);

        Assert.Equal("2", await server.CountAsync());
    }

    [Fact]
    [Trait("tier", "full")]
    public async Task TheLeaseThatEndsAndARestartAsReplicaTakeTheRowAway()
    {
        await using var server = await WaitingCommit.StartAsync(Primary);
        await server.Guard.ArmAsync(1, TestGuard.After(0.5));
        await Assert.ThrowsAnyAsync<MySqlException>(() => server.Commit.WaitAsync(Deadline.Default));
        await server.RestartAsync(["--init-rpl-role=SLAVE"]);

        Assert.Equal("1", await server.CountAsync());
        Assert.Contains("Successfully truncated", await File.ReadAllTextAsync(server.LogPath), StringComparison.OrdinalIgnoreCase);
        Assert.Equal(KillCause.Deadline, server.LastEnd.Killed);
    }

    [Fact]
    [Trait("tier", "full")]
    public async Task AServerThatIsStoppedAcknowledgesNothingAndIsKilled()
    {
        await using var server = await WaitingCommit.StartAsync(Primary);
        Processes.Signal(server.Guard.State.ServerProcess, "STOP");
        await server.Guard.ArmAsync(1, TestGuard.After(0.5));

        var end = (await TestGuard.NextAsync(server.Guard, GuardEventKind.Ended)).State;
        Assert.Equal(KillCause.Deadline, end.Killed);
        Assert.InRange(end.EndedNs, end.DeadlineNs, end.DeadlineNs + GuardProtocol.NsPerSecond);
        await Assert.ThrowsAnyAsync<MySqlException>(() => server.Commit.WaitAsync(Deadline.Default));
    }
}
