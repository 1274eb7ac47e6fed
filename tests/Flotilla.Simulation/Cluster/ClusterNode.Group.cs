using System.Collections.Immutable;
using Flotilla.Cluster.Core;
using Flotilla.Cluster.Core.Inputs;
using Flotilla.Groups.Core;
using Flotilla.Simulation.Groups;

namespace Flotilla.Simulation.Cluster;

/// <summary>The node as member of the group: what is delivered stands in line with everything else, as in the runtime.</summary>
internal sealed partial class ClusterNode : INodeApplication
{
    private readonly Queue<Action> _line = new();
    private readonly Queue<(ulong Token, GroupCommand Command)> _queued = new();
    private ImmutableArray<NodeName> _members = [];
    private ulong _token;
    private ulong _joining;
    private uint _group;
    private bool _isLineMoving;

    void INodeApplication.Started() => Begin();

    void INodeApplication.Ended() => End();

    void INodeApplication.Evicted()
    {
        // The group's queue tells what is to be forgotten.
    }

    void INodeApplication.PrimaryLost() => InLine(() => Step(now => new Ticked(now)));

    void INodeApplication.RunQueued()
    {
        while (_queued.TryDequeue(out var next))
            host.Do(next.Token, next.Command);
    }

    void INodeApplication.Work() => Step(now => new Ticked(now));

    void INodeApplication.Perform(object what) => ((Action)what)();

    void INodeApplication.Deliver(in GroupDelivery delivery)
    {
        var correlation = delivery.Correlation;
        switch (delivery.Kind)
        {
            case GroupDeliveryKind.Message:
                var command = new AgreedLog.Delivered(delivery.Epoch, delivery.Sequence, world.Agreed.Read(delivery.Body));
                InLine(() => Take(command));
                break;
            case GroupDeliveryKind.View:
                ImmutableArray<NodeName> members = [.. delivery.View!.Members.Select(member => new NodeName(member.Name))];
                InLine(() => Meet(members));
                break;
            case GroupDeliveryKind.MakeCheckpoint:
                InLine(() => Do(new CheckpointPiece(correlation, world.BodyOf(_machine!.State ?? ClusterState.Empty), IsLast: true)));
                break;
            case GroupDeliveryKind.LoadCheckpoint:
                var state = world.StateOf(delivery.Body);
                InLine(() => Load(state, correlation));
                break;
            case GroupDeliveryKind.Create or GroupDeliveryKind.Reset:
                InLine(Reset);
                break;
        }
    }

    void INodeApplication.Completed(ulong token, in CommandOutcome outcome)
    {
        if (token != _joining)
            return;
        if (outcome.Result == CommandResult.Partial)
            _group = (uint)outcome.Number;
        else if (outcome.Result != CommandResult.Done)
            world.Checks.Fail("C4", $"{Name} can't join the group: {outcome.Reason}");
    }

    public void Send(ClusterCommand command)
    {
        var delivery = command.Class switch
        {
            CommandClass.Ordered => Delivery.Ordered,
            CommandClass.Safe => Delivery.Safe,
            _ => Delivery.SafeDurable,
        };
        host.Send(_group, delivery, 0, world.Agreed.Body(command));
    }

    private void Join()
    {
        _joining = ++_token;
        _queued.Enqueue((_joining, new JoinGroup("cluster", GroupStateKind.Persistent)));
    }

    private void Do(GroupCommand command) => _queued.Enqueue((0, command));

    private void Take(AgreedLog.Delivered delivered)
    {
        var before = _machine!.State!;
        Step(now => new CommandDelivered(now, delivered.Command));
        world.Agreed.Took(Name, delivered, before, _machine.State!);
    }

    private void Meet(ImmutableArray<NodeName> members)
    {
        _members = members;
        Step(now => new Ticked(now));
    }

    private void Load(ClusterState state, ulong correlation)
    {
        Step(now => new StateLoaded(now, state));
        Do(new CheckpointTaken(correlation));
    }

    private void Reset()
    {
        Meet([]);
        Step(now => new StateLoaded(now, ClusterState.Empty));
    }

    // Everything comes in its order; while the loop is held up, later.
    private void InLine(Action next)
    {
        if (!IsUp)
            return;
        _line.Enqueue(next);
        MoveLine();
    }

    private void MoveLine()
    {
        if (_isLineMoving)
            return;
        _isLineMoving = true;
        Later(Math.Max(_busyUntilNs - world.NowNs, world.Random.Next(10, 300) * 1_000L), () =>
        {
            _isLineMoving = false;
            if (_busyUntilNs > world.NowNs)
            {
                MoveLine();
                return;
            }

            while (_line.TryDequeue(out var next))
                next();
        });
    }
}
