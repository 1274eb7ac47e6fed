using Flotilla.Cluster.Core.Commands;

namespace Flotilla.Cluster.Core.Tests;

/// <summary>A cluster of three hosts, n1 to n3 with s1 to s3, and what is known of it. n1 coordinates.</summary>
internal sealed class Scene
{
    public const long Second = 1_000_000_000;

    public ClusterState State { get; set; } = ClusterState.Empty;

    public NodeView View { get; set; } = new([N(1), N(2), N(3)]);

    public CoordinatorNotes Notes { get; set; } = new();

    public long NowNs { get; set; } = 100 * Second;

    public AgentOptions Options { get; init; } = new() { Node = N(1), Life = 1 };

    public static NodeName N(int number) => new($"n{number}");

    public static ServerName S(int number) => new($"s{number}");

    public static ReplicationPosition At(ulong sequence, uint server = 1) => GtidPosition.Empty.With(new Gtid(0, server, sequence));

    /// <summary>s1 is primary of epoch 1, s2 and s3 acknowledge and receive; all have 10 transactions.</summary>
    public static Scene Running(LossPolicy loss = LossPolicy.Strict)
    {
        var scene = new Scene();
        for (var i = 1; i <= 3; i++)
            scene.Apply(new DeclareServers(N(i), [new ServerSpec { Name = S(i), Host = $"h{i}", Port = 3306, ServerId = (uint)i }]));
        scene.Apply(new SetPolicy(new ClusterPolicy { Loss = loss }));
        scene.Apply(new BeginPlan(1, PlanKind.Start, 1, "there was never a primary"));
        for (var i = 1; i <= 3; i++)
            scene.Apply(new TellPosition(1, S(i), At(10)));
        scene.Apply(new ChooseCandidate(1, S(1), null, At(10), [], "it is the first"));
        scene.Apply(new TellDrained(1, S(1)));
        scene.Apply(new Promote(1, [S(2), S(3)]));
        scene.Apply(new TellPromoted(1, S(1)) { Counted = 0 });
        scene.Report(1, 10);
        scene.Report(2, 10);
        scene.Report(3, 10);
        scene.Notes = scene.Notes with { KeepAliveNs = scene.NowNs };
        return scene;
    }

    /// <summary>In another state.</summary>
    public Scene With(ClusterState state)
    {
        State = state;
        return this;
    }

    public Scene Apply(ClusterCommand command)
    {
        var before = State.Plan;
        State = State.Apply(command);
        if (before?.Number != State.Plan?.Number || before?.Phase != State.Plan?.Phase)
            Notes = Notes with { PhaseSinceNs = NowNs };
        return this;
    }

    /// <summary>The server is up; replicas receive from the epoch's primary.</summary>
    public Scene Report(int server, ulong received, bool isReceiving = true)
    {
        var isPrimary = State.Epoch?.Primary == S(server);
        return Apply(new ReportServer(N(server), S(server), new ServerReport
        {
            Status = ServerStatus.Up,
            Epoch = State.LastEpoch,
            IsReadOnly = !isPrimary,
            Source = isPrimary ? null : State.Epoch?.Primary,
            IsReceiverRunning = !isPrimary,
            IsReceiving = !isPrimary && isReceiving,
            Logged = At(received),
            Applied = At(received),
            Received = At(received),
            LagSeconds = 0,
        }));
    }

    public Scene Down(int server) => Apply(new ReportServer(N(server), S(server), new ServerReport { Status = ServerStatus.Down }));

    /// <summary>The node left the group some time ago.</summary>
    public Scene Gone(int node, long forNs)
    {
        View = new(View.Members.Remove(N(node)));
        Notes = Notes with { GoneSinceNs = Notes.GoneSinceNs.Add(N(node), NowNs - forNs) };
        return this;
    }

    public Scene Silent(int server, long forNs)
    {
        Notes = Notes with { SilentSinceNs = Notes.SilentSinceNs.SetItem(S(server), NowNs - forNs) };
        return this;
    }

    /// <summary>The coordinator saw a server whose node is gone.</summary>
    public Scene Seen(int server, ServerObservation seen)
    {
        Notes = Notes with { Remote = Notes.Remote.SetItem(S(server), new RemoteLook(NowNs, State.Plan is { Fence: not null } plan ? plan.Number : 0, seen)) };
        return this;
    }

    public Scene Later(long ns)
    {
        NowNs += ns;
        return this;
    }

    public CoordinatorStep Next() => Coordinator.Next(State, View, Notes, Options with { Node = View.Coordinator!.Value }, NowNs);

    public T Next<T>()
        where T : ClusterCommand
    {
        var step = Next();
        return Assert.IsType<T>(step.Command);
    }

    public string Waits()
    {
        var step = Next();
        Assert.Null(step.Command);
        return step.Reason;
    }

    /// <summary>s1 died, and the failover to epoch 2 began.</summary>
    public static Scene FailingOver(LossPolicy loss = LossPolicy.Strict)
    {
        var scene = Running(loss);
        scene.Apply(new PrimaryDown(S(1), 1, "killed")).Down(1);
        return scene.Apply(scene.Next<BeginPlan>());
    }
}
