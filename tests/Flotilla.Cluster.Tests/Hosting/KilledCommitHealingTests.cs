using Flotilla.Cluster.Core;
using Flotilla.Cluster.Hosting;
using Flotilla.Cluster.Servers;
using Flotilla.MySql;
using Flotilla.TestSupport;

namespace Flotilla.Cluster.Tests.Hosting;

/// <summary>A real cluster whose clients kill commits that wait, which answers them. Its nodes begin as those of an older program.</summary>
[Trait("tier", "full")]
[Collection(nameof(HealingCluster))]
public sealed class KilledCommitHealingTests(KilledCommitHealingTests.Cluster cluster) : IClassFixture<KilledCommitHealingTests.Cluster>
{
    [Fact]
    public async Task WhatOnlyThePrimaryHasIsToldAndNotLostWithItOnceAllNodesKnowTheRules()
    {
        var primary = (await cluster.UntilHealthyAsync()).Primary!.Name;
        await cluster.WriteByHandAsync(primary, "CREATE DATABASE app");
        await cluster.WriteByHandAsync(primary, "CREATE TABLE app.t (id INT PRIMARY KEY)");
        await FalselyAnsweredAsync(primary, 1);
        cluster.Resume();
        var status = await cluster.UntilHealthyAsync();
        Assert.Equal((1, null), (status.State!.Level, status.State.Epoch!.Unacknowledged));

        for (var node = 0; node < 3; node++)
        {
            Assert.Equal(1, (await cluster.UntilHealthyAsync()).State!.Level);
            await cluster.UpgradeAsync(node);
        }

        status = await cluster.UntilAsync(now => now is { IsHealthy: true, State.Level: ClusterState.LevelKnown }, "the rules of the newest level count");
        primary = status.Primary!.Name;
        await cluster.UntilAsync(now => now.State!.Epoch!.Unacknowledged is not null, "the primary counts");
        await FalselyAnsweredAsync(primary, 2);
        status = await cluster.UntilAsync(now => now.State!.Epoch!.Unacknowledged?.Position is not null, "it is told");
        Assert.Contains($"{primary} ended 1 commit of epoch", status.State!.History[^1].What, StringComparison.Ordinal);
        cluster.Resume();
        await cluster.UntilAsync(now => now.State!.Epoch!.Unacknowledged is { Position: null, Commits: 1 }, "a replica has it");
        await cluster.UntilHealthyAsync();

        // And with the primary gone before one has it.
        await FalselyAnsweredAsync(primary, 3);
        status = await cluster.UntilAsync(now => now.State!.Epoch!.Unacknowledged?.Position is not null, "it is told");
        cluster.SignalServer(primary, "KILL");
        cluster.Resume();
        var epoch = status.State!.LastEpoch;
        status = await cluster.UntilAsync(now => now.IsHealthy && now.State!.Epoch!.Number > epoch, "another epoch");
        Assert.True(primary == status.Primary!.Name, $"{primary} was wanted back\n{cluster.Describe()}");
        foreach (var server in status.State!.Servers)
            await Deadline.UntilAsync(async () => await cluster.ScalarAsync(server.Name, "SELECT GROUP_CONCAT(id ORDER BY id) FROM app.t") == "1,2,3", $"{server.Name} has all that was answered", HealingCluster.Patience);
    }

    /// <summary>A commit that nobody can acknowledge is killed, and answered OK. The replicas are stopped then.</summary>
    private async Task FalselyAnsweredAsync(ServerName primary, int row)
    {
        cluster.SuspendAllBut(primary);
        // What was sent would wait in their sockets.
        foreach (var replica in cluster.Anybody.Status.State!.Servers.Where(server => server.Name != primary))
            await cluster.WriteByHandAsync(primary, $"KILL CONNECTION USER '{ServerAccounts.ReplicaUser(replica.Spec.ServerId)}'");
        await Deadline.UntilAsync(async () => await StatusAsync(primary, "RPL_SEMI_SYNC_MASTER_CLIENTS") == "0", "nothing is sent any more");
        await using var client = await MySqlConnection.OpenAsync(cluster.Clients[HealingCluster.IndexOf(primary)] with { CommandTimeout = HealingCluster.Patience });
        var write = client.ExecuteAsync($"INSERT INTO app.t VALUES ({row})").AsTask();
        await Deadline.UntilAsync(async () => await StatusAsync(primary, "RPL_SEMI_SYNC_MASTER_WAIT_SESSIONS") == "1", "the commit waits");
        await cluster.WriteByHandAsync(primary, $"KILL QUERY {client.ConnectionId}");
        await write.WaitAsync(HealingCluster.Patience);
    }

    private Task<string?> StatusAsync(ServerName server, string name)
        => cluster.ScalarAsync(server, $"SELECT variable_value FROM information_schema.global_status WHERE variable_name = '{name}'");

    public sealed class Cluster : HealingCluster
    {
        private readonly List<ServerName> _suspended = [];
        private readonly HashSet<string> _upgraded = [];

        internal void SuspendAllBut(ServerName primary)
        {
            _suspended.AddRange(Anybody.Status.State!.Servers.Select(server => server.Name).Where(name => name != primary));
            _suspended.ForEach(server => SignalServer(server, "STOP"));
        }

        internal void Resume()
        {
            _suspended.ForEach(server => SignalServer(server, "CONT"));
            _suspended.Clear();
        }

        /// <summary>A node gets the newest program; its server goes on.</summary>
        internal async Task UpgradeAsync(int index)
        {
            _upgraded.Add(((char)('a' + index)).ToString());
            await KillNodeAsync(index);
            await StartNodeAsync(index);
        }

        protected override ClusterNodeOptions Configure(ClusterNodeOptions options)
            => options with { Level = _upgraded.Contains(options.Node.ToString()) ? ClusterState.LevelKnown : 1 };
    }
}
