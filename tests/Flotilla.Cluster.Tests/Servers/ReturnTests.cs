using Flotilla.Cluster.Core;
using Flotilla.Cluster.Servers;
using Flotilla.MySql;
using Flotilla.TestSupport;

namespace Flotilla.Cluster.Tests.Servers;

/// <summary>A primary that died with a commit which nobody acknowledged, and comes back to a cluster that has gone on.</summary>
[Trait("tier", "full")]
public sealed class ReturnTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("flotilla-return-").FullName;

    private string Saved => Path.Combine(_folder, "errant.sql");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task TheRoleOfAReplicaTruncatesATailThatNobodyAcknowledged()
    {
        await using var cluster = await TestCluster.StartAsync(2);
        var (old, next) = (cluster.Primary, cluster.Servers[1]);
        await DieWithATailAsync(cluster, "INSERT INTO app.t (id) VALUES (2)");

        await old.RestartAsync(hasSuccessor: true);
        Assert.Equal("1", await old.RowsAsync());
        Assert.Empty(await old.Control.CompareAsync((await next.SeeAsync()).LoggedState));
        await old.Control.FollowAsync(next.Address);
        await next.WriteAsync("INSERT INTO app.t (id) VALUES (4)");
        await old.UntilAppliedAsync("1,3,4");
    }

    /// <summary>Everybody died; the acknowledged commit is in the primary's binary log and in a relay log, and no engine knows that it was committed.</summary>
    [Fact]
    public async Task AfterATotalOutageTheRoleOfAReplicaLosesWhatWasAcknowledgedAndTheRoleOfTheEpochKeepsIt()
    {
        await using var cluster = await TestCluster.StartAsync(2);
        var (primary, replica) = (cluster.Primary, cluster.Servers[1]);
        await replica.SqlAsync("STOP SLAVE; CHANGE MASTER TO MASTER_DELAY = 3600; START SLAVE");
        await Deadline.UntilAsync(async () => (await primary.SeeAsync()).ConnectedReplicas.Count == 1, "the replica is connected");
        await primary.WriteAsync("INSERT INTO app.t (id) VALUES (2)");
        await primary.KillAsync();
        await replica.KillAsync();
        var copy = Path.Combine(_folder, "data");
        await CopyAsync(primary.Managed.DataFolder!, copy);

        await primary.RestartAsync(ServerRole.Replica);
        Assert.Equal("1", await primary.RowsAsync());
        await primary.KillAsync();
        Directory.Delete(primary.Managed.DataFolder!, recursive: true);
        await CopyAsync(copy, primary.Managed.DataFolder!);

        await primary.RestartAsync(hasSuccessor: false);
        Assert.Equal("1,2", await primary.RowsAsync());
        await replica.RestartAsync(hasSuccessor: false);
        await replica.SqlAsync("CHANGE MASTER TO MASTER_DELAY = 0, RELAY_LOG_FILE = 'mysql-relay.000002', RELAY_LOG_POS = 4");
        await replica.Control.SalvageAsync(TestServer.Patience);
        await primary.Control.PromoteAsync(new HashSet<uint> { 2 });
        await replica.Control.FollowAsync(primary.Address);
        await primary.WriteAsync("INSERT INTO app.t (id) VALUES (3)");
        await replica.UntilAppliedAsync("1,2,3");
    }

    [Fact]
    public async Task ErrantTransactionsAreSavedAndTakenBackAndTheServerFollows()
    {
        await using var cluster = await TestCluster.StartAsync(2);
        var (old, next) = (cluster.Primary, cluster.Servers[1]);
        await old.WriteAsync("INSERT INTO app.t (id, v) VALUES (10, 1), (11, 1), (12, 1)");
        await DieWithATailAsync(cluster, "UPDATE app.t SET v = v + 1");
        await old.RestartAsync(ServerRole.Primary);
        await old.SqlAsync("UPDATE app.t SET v = 7 WHERE id = 10; FLUSH BINARY LOGS; BEGIN; DELETE FROM app.t WHERE id = 11; INSERT INTO app.t VALUES (20, 20); COMMIT");
        var state = (await next.SeeAsync()).LoggedState;

        // What others do: it never connects.
        await old.Control.FollowAsync(next.Address);
        await old.UntilAsync(seen => seen.Replica!.ReceiverError.Contains("1236", StringComparison.Ordinal) || seen.Replica.ReceiverError.Contains("not in the master's binlog", StringComparison.Ordinal), "the primary refuses it");
        await old.Control.DetachAsync();

        Assert.Equal("0-1-(3..6]", Assert.Single(await old.Control.CompareAsync(state)).ToString());
        var refusal = await Assert.ThrowsAsync<ServerActionException>(() => old.Control.FlashbackAsync(state, Saved));
        Assert.Equal(ServerActionProblem.NotReady, refusal.Problem);
        Assert.True(await old.Control.SaveErrantAsync(state, Saved));
        Assert.Contains("### UPDATE `app`.`t`", await File.ReadAllTextAsync(Saved), StringComparison.Ordinal);
        await old.Control.FlashbackAsync(state, Saved);
        await old.Control.FlashbackAsync(state, Saved);
        Assert.Empty(await old.Control.CompareAsync(state));
        Assert.False(await old.Control.SaveErrantAsync(state, Saved + ".none"));
        await old.Control.FollowAsync(next.Address);
        await next.WriteAsync("INSERT INTO app.t (id) VALUES (4)");
        await old.UntilAppliedAsync("1,3,4,10,11,12");
        Assert.Equal(await next.ScalarAsync("SELECT SUM(v) FROM app.t"), await old.ScalarAsync("SELECT SUM(v) FROM app.t"));
        Assert.Equal((await next.SeeAsync()).Logged, (await old.SeeAsync()).Logged);
    }

    [Fact]
    public async Task AFlashbackThatDiedAfterTheRowsIsFinishedByTheComparison()
    {
        await using var cluster = await TestCluster.StartAsync(2);
        var (old, next) = (cluster.Primary, cluster.Servers[1]);
        await DieWithATailAsync(cluster, "INSERT INTO app.t (id) VALUES (2)");
        await old.RestartAsync(ServerRole.Primary);
        var before = (await next.SeeAsync()).LoggedState.Split(',')[0];
        await old.SqlAsync($"SET sql_log_bin = 0; DELETE FROM app.t WHERE id = 2; INSERT INTO flotilla.flashback VALUES (1, '{before}', '{before}'); RESET MASTER");

        Assert.Empty(await old.Control.CompareAsync((await next.SeeAsync()).LoggedState));
        await old.Control.FollowAsync(next.Address);
        await old.UntilAppliedAsync("1,3");
    }

    [Theory]
    [InlineData("ALTER TABLE app.t ADD w INT", "is no transaction")]
    [InlineData("INSERT INTO app.myisam VALUES (1)", "no change of rows in a transaction")]
    [InlineData("DELETE FROM app.parent", "app.child may have gone")]
    public async Task WhatCannotBeTakenBackIsNotTried(string errant, string why)
    {
        await using var server = await TestServer.StartAsync(1, [1]);
        await server.Control.PromoteAsync(new HashSet<uint>(), needsAcknowledgement: false);
        await server.SqlAsync(
            "CREATE TABLE app.t (id INT PRIMARY KEY); CREATE TABLE app.myisam (id INT) ENGINE = MyISAM; CREATE TABLE app.parent (id INT PRIMARY KEY) ENGINE = InnoDB; "
            + "CREATE TABLE app.child (id INT PRIMARY KEY, FOREIGN KEY (id) REFERENCES app.parent (id) ON DELETE CASCADE) ENGINE = InnoDB; INSERT INTO app.parent VALUES (1); INSERT INTO app.child VALUES (1)");
        var state = (await server.SeeAsync()).LoggedState;
        await server.SqlAsync(errant);
        await server.Control.DemoteAsync();
        Assert.True(await server.Control.SaveErrantAsync(state, Saved));
        var logged = (await server.SeeAsync()).Logged;

        var refusal = await Assert.ThrowsAsync<ServerActionException>(() => server.Control.FlashbackAsync(state, Saved));
        Assert.Equal(ServerActionProblem.Unsupported, refusal.Problem);
        Assert.Contains(why, refusal.Answer, StringComparison.Ordinal);
        Assert.Equal(logged, (await server.SeeAsync()).Logged);
    }

    [Fact]
    public async Task AServerWhoseTailIsDdlIsFilledAnewFromAReplicaOrThePrimary()
    {
        await using var cluster = await TestCluster.StartAsync(2);
        var (old, next) = (cluster.Primary, cluster.Servers[1]);
        await DieWithATailAsync(cluster, "INSERT INTO app.t (id) VALUES (2)");
        await old.RestartAsync(ServerRole.Primary);
        await old.SqlAsync("ALTER TABLE app.t ADD w INT");

        // What was cut, or what the donor could not send, becomes no data folder.
        using (var cut = new MemoryStream([0, 0, 0, 9, 1, 2, 3]))
            await Assert.ThrowsAsync<ServerActionException>(() => old.Control.ReceiveBackupAsync(cut));
        var wrong = new ServerControl(next.Managed with { Session = next.Managed.Session with { Password = "wrong" } }, new ServerLimits(), TimeProvider.System);
        using (var broken = new MemoryStream())
        {
            var refusal = await Assert.ThrowsAsync<ServerActionException>(() => wrong.SendBackupAsync(broken));
            Assert.DoesNotContain("wrong", refusal.Message, StringComparison.Ordinal);
            broken.Position = 0;
            var failure = await Assert.ThrowsAsync<ServerActionException>(() => old.Control.ReceiveBackupAsync(broken));
            Assert.Contains("Access denied", failure.Answer, StringComparison.Ordinal);
        }

        Assert.Throws<IOException>(new DataFolder(old.Managed.DataFolder!).Swap);
        await FillAsync(next, old);
        await old.KillAsync();
        new DataFolder(old.Managed.DataFolder!).Swap();
        new DataFolder(old.Managed.DataFolder!).Recover();
        await old.RestartAsync(hasSuccessor: true);
        var state = (await next.SeeAsync()).LoggedState;
        await old.Control.AdoptBackupAsync(state);
        await old.Control.AdoptBackupAsync(state);
        Assert.Empty(await old.Control.CompareAsync(state));
        await old.Control.FollowAsync(next.Address);
        await next.WriteAsync("INSERT INTO app.t (id) VALUES (4)");
        await old.UntilAppliedAsync("1,3,4");
        Assert.Equal((await next.SeeAsync()).LoggedState, (await old.SeeAsync()).LoggedState);
    }

    [Fact]
    public async Task WhatIsWrittenToAReplicaByHandIsFoundAndWhoMayDoThatIsNamed()
    {
        await using var cluster = await TestCluster.StartAsync(2);
        var (primary, replica) = (cluster.Primary, cluster.Servers[1]);
        var refusal = await Assert.ThrowsAsync<MySqlServerException>(() => replica.WriteAsync("INSERT INTO app.t (id) VALUES (2)"));
        Assert.Equal(1290, refusal.Number);
        Assert.Contains((await replica.PrepareAsync([1, 2])).UnfencedAccounts, account => account == "'root'@'localhost'");

        await replica.SqlAsync("INSERT INTO app.t (id) VALUES (2)");
        Assert.Equal("0-2-(0..3]", Assert.Single(await replica.Control.CompareAsync((await primary.SeeAsync()).LoggedState)).ToString());
    }

    private static async Task CopyAsync(string from, string to)
    {
        using var copy = System.Diagnostics.Process.Start("cp", ["-a", from, to]);
        await copy.WaitForExitAsync();
        Assert.Equal(0, copy.ExitCode);
    }

    private static async Task FillAsync(TestServer donor, TestServer receiver)
    {
        using var listener = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        using var client = new System.Net.Sockets.TcpClient();
        var accepting = listener.AcceptTcpClientAsync();
        await client.ConnectAsync((System.Net.IPEndPoint)listener.LocalEndpoint);
        using var accepted = await accepting;
        var sending = donor.Control.SendBackupAsync(accepted.GetStream());
        await receiver.Control.ReceiveBackupAsync(client.GetStream());
        await sending;
    }

    /// <summary>The primary dies with a commit that nobody acknowledged; the replica takes its place and goes on with row 3.</summary>
    private static async Task DieWithATailAsync(TestCluster cluster, string errant)
    {
        var (old, next) = (cluster.Primary, cluster.Servers[1]);
        var end = (await old.SeeAsync()).Logged;
        await next.UntilAsync(seen => seen.Applied.Equals(end), "all is applied");
        await next.Control.StopReceiverAsync();
        var write = await TestCluster.BeginWriteAsync(old, errant);
        await old.UntilRowsWaitAsync(1);
        await old.KillAsync();
        await Assert.ThrowsAnyAsync<MySqlException>(() => write);
        await next.Control.PromoteAsync(new HashSet<uint> { 1 }, needsAcknowledgement: false);
        await next.WriteAsync("INSERT INTO app.t (id) VALUES (3)");
    }
}
