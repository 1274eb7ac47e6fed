using System.Text.Json;
using Flotilla.Cluster.Core;
using Flotilla.Cluster.Core.Commands;
using Flotilla.Cluster.Hosting;

namespace Flotilla.Cluster.Tests.Hosting;

/// <summary>Commands and the state as they travel.</summary>
public sealed class ClusterJsonTests
{
    private static readonly NodeName Node = new("a");
    private static readonly ServerName One = new("db-1");
    private static readonly ServerName Two = new("db-2");
    private static readonly ReplicationPosition Position = ReplicationPosition.Parse("0-1-42,3-7-8");

    private static readonly ClusterCommand[] Commands =
    [
        new DeclareServers(Node, [new ServerSpec { Name = One, Host = "h", Port = 3306, ServerId = 1, Site = "x", Priority = ServerPriority.Prefer }]) { AtMs = 7 },
        new ReportServer(Node, One, new ServerReport { Status = ServerStatus.Up, Source = Two, Logged = Position, LagSeconds = 3, Error = "é" }),
        new KeepAlive(One, 3, ulong.MaxValue, 9),
        new PrimaryDown(One, 3, "why"),
        new BeginPlan(4, PlanKind.Failover, 5, "cause") { Candidate = Two, Without = [One], IsForced = true, Order = 2 },
        new TellFenced(4, One, Fence.ReadOnly, Position),
        new TellFenced(4, One, Fence.Ended, null),
        new TellPosition(4, Two, ReplicationPosition.None),
        new ChooseCandidate(4, Two, One, Position, [One], "most"),
        new TellDrained(4, Two),
        new Promote(4, [One]),
        new TellPromoted(4, Two),
        new AbandonPlan(4, "late"),
        new ForgetElders(5, One),
        new AddAcker(5, One),
        new LockOutAcker(5, One, "gone"),
        new ReadmitAcker(5, One),
        new TellLockedOut(5, One, 6, Position),
        new TakeAwayAcker(5, One),
        new Degrade(5, "nobody"),
        new ReturnToAcknowledged(5),
        new TellWaiting(5, 6, Position),
        new EndDegraded(5, One),
        new TellUnacknowledged(5, 3, Position),
        new EndUnacknowledged(5, One),
        new GiveOrder(new Order { Kind = OrderKind.Switchover, To = Two }),
        new EndOrder(1, "no"),
        new SetMaintenance(One, true),
        new SetPause(true),
        new SetPolicy(new ClusterPolicy { Loss = LossPolicy.Available, FlapWindowSeconds = 5 }),
        new RemoveServer(One),
        new ForgetServer(One),
        new AdmitServer(One),
        new ProvisionServer(One, "ordered"),
        new TellProvisioned(One),
    ];

    [Fact]
    public void EveryCommandArrivesAsItWasSent()
    {
        foreach (var command in Commands)
        {
            var bytes = JsonSerializer.SerializeToUtf8Bytes(command, ClusterJson.Default.ClusterCommand);
            var arrived = JsonSerializer.Deserialize(bytes, ClusterJson.Default.ClusterCommand)!;
            Assert.Equal(command.GetType(), arrived.GetType());
            Assert.Equal(bytes, JsonSerializer.SerializeToUtf8Bytes(arrived, ClusterJson.Default.ClusterCommand));
        }
    }

    [Fact]
    public void NoKindOfCommandIsLeftOut()
    {
        var all = typeof(ClusterCommand).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(ClusterCommand))).Select(type => type.Name).Order();
        Assert.Equal(all, Commands.Select(command => command.GetType().Name).Distinct().Order());
    }

    [Fact]
    public void WhatIsReadIsWhatWasMeant()
    {
        var bytes = JsonSerializer.SerializeToUtf8Bytes(Commands[1], ClusterJson.Default.ClusterCommand);
        var report = Assert.IsType<ReportServer>(JsonSerializer.Deserialize(bytes, ClusterJson.Default.ClusterCommand)).Report;
        Assert.Equal((Two, Position, 3, "é"), (report.Source, report.Logged, report.LagSeconds, report.Error));
        Assert.True(report.Applied.IsEmpty);
    }

    /// <summary>As a program wrote them that knew neither levels nor leases of other lengths.</summary>
    [Fact]
    public void WhatAnOlderProgramLeftOutIsWhatItMeant()
    {
        var given = (DeclareServers)Read("""{"is":"DeclareServers","Node":"a","Servers":[{"Name":"db-1","Host":"h","Port":3306,"Kind":0,"ServerId":1,"Site":"","Priority":1}]}""");
        var meant = new ServerSpec { Name = One, Host = "h", Port = 3306, ServerId = 1 };
        Assert.Equal((1, meant), (given.Level, given.Servers[0]));
        var state = JsonSerializer.Deserialize("""{"Nodes":["a"],"Servers":[],"LastEpoch":1,"Epoch":{"Number":1,"Primary":"db-1","Ackers":[],"Start":""}}""", ClusterJson.Default.ClusterState)!;
        Assert.Equal((1, 2000, null), (state.Level, state.Epoch!.LeaseMs, state.Epoch.Unacknowledged));
        Assert.Empty(state.Levels);
        Assert.Empty(state.Removed);

        // Its node may be the last one of that program.
        state = state.Apply(new DeclareServers(new NodeName("b"), []));
        Assert.Equal(1, state.Level);
        Assert.Equal(ClusterState.LevelKnown, state.Apply(new DeclareServers(Node, [])).Level);

        static ClusterCommand Read(string json) => JsonSerializer.Deserialize(json, ClusterJson.Default.ClusterCommand)!;
    }

    /// <summary>A program before it would not know the property.</summary>
    [Fact]
    public void WhatBelongsToTheNextLevelIsNotWrittenBeforeItCounts()
    {
        var text = JsonSerializer.Serialize(new EpochState { Number = 1, Primary = One, Ackers = [], Start = Position }, ClusterJson.Default.EpochState) + Text(new TellPromoted(4, Two)) + Text(new TellWaiting(5, 6, Position));
        Assert.DoesNotContain("nacknowledged", text, StringComparison.Ordinal);
        Assert.DoesNotContain("Counted", text, StringComparison.Ordinal);

        static string Text(ClusterCommand command) => JsonSerializer.Serialize(command, ClusterJson.Default.ClusterCommand);
    }

    [Fact]
    public void ANewcomerGoesOnFromTheStateLikeTheOthers()
    {
        var state = Commands.Take(3).Aggregate(ClusterState.Empty, (current, command) => current.Apply(command));
        state = state.Apply(new BeginPlan(1, PlanKind.Start, 1, "first")).Apply(new TellPosition(1, One, Position)).Apply(new ChooseCandidate(1, One, null, Position, [], "only"));
        var given = JsonSerializer.Deserialize(JsonSerializer.SerializeToUtf8Bytes(state, ClusterJson.Default.ClusterState), ClusterJson.Default.ClusterState)!;
        Assert.Equal(Bytes(state), Bytes(given));
        ClusterCommand[] later = [new TellDrained(1, One), new Promote(1, []), new TellPromoted(1, One)];
        var (here, there) = later.Aggregate((state, given), (both, command) => (both.state.Apply(command), both.given.Apply(command)));
        Assert.Equal(One, here.Epoch!.Primary);
        Assert.Equal(Bytes(here), Bytes(there));

        static string Bytes(ClusterState one) => JsonSerializer.Serialize(one, ClusterJson.Default.ClusterState);
    }
}
