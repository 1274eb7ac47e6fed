using Flotilla.Groups.Core;
using Flotilla.Primitives;

namespace Flotilla.Simulation.Groups;

/// <summary>
/// What runs on a node: writes down everything it is delivered, folds it into a state per group, makes and loads checkpoints, answers
/// queries, and does random things.
/// </summary>
internal sealed partial class SimApplication : INodeApplication
{
    private readonly GroupWorld _world;
    private readonly SimNode _node;
    private readonly SeededRandom _random;
    private readonly SeededRandom _pace;
    private readonly SortedDictionary<ulong, SimCommand> _open = [];
    private readonly Queue<SimCommand> _queued = new();
    private readonly SimGroup[] _groups;
    private ulong _token;

    public SimApplication(GroupWorld world, SimNode node, SeededRandom random)
    {
        (_world, _node, _random) = (world, node, random);
        _pace = new SeededRandom((world.Parameters.Seed * 31) + (ulong)node.Index + 1);
        _groups = new SimGroup[world.Parameters.Groups];
        for (var i = 0; i < _groups.Length; i++)
            _groups[i] = new SimGroup("g" + (char)('0' + i), (GroupStateKind)((i + 1) % 3));
    }

    public IReadOnlyList<SimGroup> Groups => _groups;

    /// <summary>Commands that have not ended.</summary>
    public int OpenCount => _open.Count;

    /// <summary>A process began: it wants to be where it was.</summary>
    public void Started()
    {
        foreach (var group in _groups)
        {
            group.Forget();
            (group.Number, group.Dictionary) = (0, null);
            if (group.IsWanted || _node.Life <= 1)
                Join(group);
        }
    }

    public void Ended()
    {
        _open.Clear();
        _queued.Clear();
        foreach (var group in _groups)
        {
            group.Forget();
            group.Number = 0;
        }
    }

    public void Evicted()
    {
        // Each group's own order says what is to be forgotten, and what is asked for before.
    }

    public void PrimaryLost()
    {
        // The trace has it.
    }

    public void RunQueued()
    {
        while (_queued.TryDequeue(out var command))
            Perform(command);
    }

    /// <summary>Gives a command to the node; outside of a step.</summary>
    public void Perform(object what) => Perform((SimCommand)what);

    private void Perform(SimCommand command)
    {
        if (!_node.IsRunning)
            return;
        if (command.Checkpoint is { } checkpoint)
        {
            SendPiece(checkpoint);
            return;
        }

        if (command.Command is null)
            return;
        if (command.Operation == TraceOperation.None)
        {
            _node.Do(0, command.Command);
            return;
        }

        var token = ++_token;
        _open[token] = command;
        Note(TraceKind.Command, command, token);
        _node.Do(token, command.Command);
    }

    public void Deliver(in GroupDelivery delivery)
    {
        var group = Find(delivery.Group);
        if (group is null)
        {
            _world.Defect(_node, new InvariantViolationException($"delivery {delivery.Kind} for group number {delivery.Group}, which this application does not know"));
            return;
        }

        switch (delivery.Kind)
        {
            case GroupDeliveryKind.Message or GroupDeliveryKind.Query:
                Message(group, delivery);
                break;
            case GroupDeliveryKind.View:
                Viewed(group, delivery);
                break;
            case GroupDeliveryKind.MakeCheckpoint:
                MakeCheckpoint(group, delivery);
                break;
            case GroupDeliveryKind.LoadCheckpoint:
                LoadCheckpoint(group, delivery);
                break;
            case GroupDeliveryKind.Create:
                group.Forget();
                (group.HasState, group.Sequence) = (true, delivery.Sequence);
                Note(TraceKind.Create, group, delivery.Sequence);
                break;
            case GroupDeliveryKind.Reset:
                group.Forget();
                group.Loading.Clear();
                _world.Count("reset");
                Note(TraceKind.Reset, group, delivery.Sequence);
                break;
        }
    }

    public void Completed(ulong token, in CommandOutcome outcome)
    {
        if (token == 0)
            return;
        if (!_open.TryGetValue(token, out var command))
        {
            _world.Defect(_node, new InvariantViolationException($"{outcome.Result} for token {token}, which is not open"));
            return;
        }

        if (command.Checkpoint is { } checkpoint)
        {
            _open.Remove(token);
            if (outcome.Result == CommandResult.Done && checkpoint.SentBytes < checkpoint.Bytes.Length)
                _queued.Enqueue(command);
            return;
        }

        _world.Count($"{command.Operation}: {outcome.Result}");
        if (command.Operation == TraceOperation.Join && outcome.Result == CommandResult.Partial)
        {
            FindByName(command.Group!).Number = (uint)outcome.Number;
            return;
        }

        var isOver = outcome.From == default && outcome.Result != CommandResult.Partial;
        if (isOver)
            _open.Remove(token);
        _world.Note(new TraceEvent
        {
            AtNs = _world.Queue.NowNs, Process = _node.Index, Kind = TraceKind.Outcome, Token = token, Operation = command.Operation, Result = outcome.Result,
            Number = command.Operation is TraceOperation.Query ? command.Number : outcome.Number, Member = outcome.From, Group = command.Group,
            Text = command.Operation == TraceOperation.Flush && outcome.Result == CommandResult.Done ? _world.Held(_node) : outcome.Reason,
        });
        if (isOver)
            Ended(command, outcome);
    }

    private void Ended(SimCommand command, in CommandOutcome outcome)
    {
        var isDone = outcome.Result == CommandResult.Done;
        switch (command.Operation)
        {
            case TraceOperation.Lock when isDone:
                var release = new SimCommand { Operation = TraceOperation.Unlock, Name = command.Name, Command = new ReleaseLock(command.Name!, outcome.Number) };
                _node.Later(WorldEventKind.Later, _random.Next(1, 200) * 1_000_000L, release);
                break;
            case TraceOperation.Leave when isDone:
                var left = FindByName(command.Group!);
                left.Forget();
                left.Number = 0;
                Note(TraceKind.Reset, left, 0);
                if (left.IsWanted)
                    Join(left);
                break;
            case TraceOperation.Join when isDone:
                var joined = FindByName(command.Group!);
                if (joined.Number != 0)
                    _queued.Enqueue(new SimCommand { Operation = TraceOperation.Get, Group = joined.Name, Command = new OpenDictionary(joined.Number) });
                break;
            case TraceOperation.Join when outcome.Result == CommandResult.Refused:
                FindByName(command.Group!).IsWanted = false;
                break;
            case TraceOperation.Get when isDone:
                FindByName(command.Group!).Dictionary = outcome.Dictionary;
                break;
        }
    }

    private void Message(SimGroup group, in GroupDelivery delivery)
    {
        var message = SimMessage.Read(delivery.Body);
        if (delivery.Delivery != Delivery.Raw)
        {
            group.Hash = group.Kind == GroupStateKind.None ? SimMessage.Mix(message) : SimMessage.Mix(group.Hash ^ SimMessage.Mix(message ^ (delivery.Sequence << 20)));
            group.Count++;
            group.Sequence = delivery.Sequence;
        }

        _world.Count(delivery.Delivery);
        _world.Note(new TraceEvent
        {
            AtNs = _world.Queue.NowNs, Process = _node.Index, Kind = TraceKind.Deliver, Member = delivery.Sender, Epoch = delivery.Epoch, Sequence = delivery.Sequence,
            Group = group.Name, Message = message, Hash = group.Hash, Delivery = delivery.Delivery, IsReplay = delivery.IsReplay,
        });
        if (delivery.Kind == GroupDeliveryKind.Query && !delivery.IsReplay)
            Asked(group, delivery, message);
    }

    private void Asked(SimGroup group, in GroupDelivery delivery, ulong message)
    {
        foreach (var (_, command) in _open)
        {
            if (command.Operation == TraceOperation.Query && command.Message == message && command.AsksAll)
                command.Number = (ulong)(group.View?.Members.Length ?? 0);
        }

        GroupCommand answer = _random.Next(10) switch
        {
            0 => new NullReplyToQuery(delivery.Correlation),
            1 => new AbortReplyToQuery(delivery.Correlation, "no"),
            _ => new ReplyToQuery(delivery.Correlation, BitConverter.GetBytes(message)),
        };
        var reply = new SimCommand { Operation = TraceOperation.None, Command = answer };
        if (_random.OneIn(2))
            _queued.Enqueue(reply);
        else if (!_random.OneIn(10))
            _node.Later(WorldEventKind.Later, _random.Next(1, 2_000) * 1_000_000L, reply);
    }

    private void Viewed(SimGroup group, in GroupDelivery delivery)
    {
        var view = delivery.View!;
        if (group.Kind == GroupStateKind.None && !group.HasState)
        {
            group.HasState = true;
            Note(TraceKind.Create, group, delivery.Sequence);
        }

        group.View = view;
        _world.Count("group view");
        _world.Note(new TraceEvent
        {
            AtNs = _world.Queue.NowNs, Process = _node.Index, Kind = TraceKind.GroupView, Group = group.Name, Epoch = view.Epoch, Sequence = view.Sequence, Number = view.Number,
            Text = string.Join(' ', view.Members.Select(member => member.Id)),
        });
    }

    private void MakeCheckpoint(SimGroup group, in GroupDelivery delivery)
    {
        var size = _random.Next(_world.Parameters.CheckpointBytesMax);
        Note(TraceKind.MakeCheckpoint, group, group.Sequence);
        _world.Count("checkpoint made");
        if (_random.OneIn(20))
        {
            _queued.Enqueue(new SimCommand { Operation = TraceOperation.None, Command = new CheckpointFailed(delivery.Correlation, "not now") });
            return;
        }

        var checkpoint = new SimCheckpoint(delivery.Correlation, SimCheckpoint.Make(group.Hash, group.Count, group.Sequence, size));
        var command = new SimCommand { Operation = TraceOperation.None, Checkpoint = checkpoint };
        if (_random.OneIn(2))
            _queued.Enqueue(command);
        else
            _node.Later(WorldEventKind.Later, _random.Next(1, 500) * 1_000_000L, command);
    }

    private void SendPiece(SimCheckpoint checkpoint)
    {
        var length = Math.Min(checkpoint.Bytes.Length - checkpoint.SentBytes, _random.Next(1, CheckpointPiece.MaxBytes + 1));
        var piece = checkpoint.Bytes.AsMemory(checkpoint.SentBytes, length);
        checkpoint.SentBytes += length;
        var token = ++_token;
        _open[token] = new SimCommand { Operation = TraceOperation.None, Checkpoint = checkpoint };
        _node.Do(token, new CheckpointPiece(checkpoint.Correlation, piece, checkpoint.SentBytes == checkpoint.Bytes.Length));
    }

    private void LoadCheckpoint(SimGroup group, in GroupDelivery delivery)
    {
        group.Loading.AddRange(delivery.Body);
        var taken = new SimCommand { Operation = TraceOperation.None, Command = new CheckpointTaken(delivery.Correlation) };
        if (_random.OneIn(4))
            _node.Later(WorldEventKind.Later, _random.Next(1, 50) * 1_000_000L, taken);
        else
            _queued.Enqueue(taken);
        if (!delivery.IsLast)
            return;
        var bytes = group.Loading.ToArray();
        group.Loading.Clear();
        group.Forget();
        group.HasState = true;
        if (!SimCheckpoint.TryRead(bytes, out var hash, out var count, out var sequence))
            hash = ulong.MaxValue;
        (group.Hash, group.Count, group.Sequence) = (hash, count, sequence);
        _world.Count("checkpoint loaded");
        Note(TraceKind.LoadCheckpoint, group, sequence);
    }

    private void Join(SimGroup group)
    {
        group.IsWanted = true;
        _queued.Enqueue(new SimCommand { Operation = TraceOperation.Join, Group = group.Name, Command = new JoinGroup(group.Name, group.Kind) });
    }

    private SimGroup? Find(uint number)
    {
        foreach (var group in _groups)
        {
            if (group.Number == number && number != 0)
                return group;
        }

        return null;
    }

    private SimGroup FindByName(string name) => _groups[name[1] - '0'];

    private void Note(TraceKind kind, SimGroup group, ulong sequence)
        => _world.Note(new TraceEvent { AtNs = _world.Queue.NowNs, Process = _node.Index, Kind = kind, Group = group.Name, Sequence = sequence, Hash = group.Hash });

    private void Note(TraceKind kind, SimCommand command, ulong token)
        => _world.Note(new TraceEvent
        {
            AtNs = _world.Queue.NowNs, Process = _node.Index, Kind = kind, Operation = command.Operation, Token = token, Group = command.Group,
            Message = command.Message, Text = command.Name, Number = command.Number,
        });
}
