using Flotilla.Primitives;

namespace Flotilla.JobServer.Core;

/// <summary>The job server as a deterministic machine: inputs in, effects out. Driven by one caller at a time.</summary>
public sealed class JobMachine
{
    /// <summary>Timers handled per step; more that are due wait for the next one, so that a million jobs due at once stall nobody.</summary>
    private const int TimersPerStep = 2000;
    private readonly MachineState _state;
    private readonly PacketDispatcher _packets;
    private readonly AbilityPackets _abilities;
    private readonly AdminCommands _commands;
    private readonly Replay _replay;

    /// <summary>A machine without connections or jobs.</summary>
    /// <exception cref="ArgumentException">The options cannot be used; the message lists all problems.</exception>
    public JobMachine(JobMachineOptions options)
    {
        var problems = options.Validate();
        if (problems.Count > 0)
            throw new ArgumentException(string.Join("; ", problems), nameof(options));
        _state = new MachineState(options);
        _packets = new PacketDispatcher(_state);
        _abilities = new AbilityPackets(_state);
        _commands = new AdminCommands(_state);
        _replay = new Replay(_state);
    }

    /// <summary>When the next <see cref="JobServerInputKind.Tick"/> is due, in milliseconds since the Unix epoch; <see cref="long.MaxValue"/> for never.</summary>
    public long NextDeadlineMs
    {
        get
        {
            if (!_state.Purges.IsIdle)
                return _state.NowMs;
            var next = Math.Min(_state.NextTimerMs, _state.Schedules.NextMs);
            next = Math.Min(next, Math.Min(_state.WakeUps.NextMs, _state.Ledger.NextMs));
            return Math.Min(next, _state.Listings.NextMs);
        }
    }

    /// <summary>Jobs in workers' hands.</summary>
    public int RunningJobs => _state.RunningJobs;

    /// <summary>Bytes that jobs use now; a runtime may give memory back to the system when this falls far.</summary>
    public long MemoryBytes => _state.Jobs.UsedBytes + _state.Schedules.UsedBytes;

    internal MachineState State => _state;

    /// <summary>False while a connection still has to give the secret: until then a runtime takes little from it and waits not long.</summary>
    public bool IsAuthenticated(ConnectionId connection) => _state.Connections[connection.Slot].IsAuthenticated;

    /// <summary>True while a connection has answers coming that wait for the store, or a listing under way.</summary>
    public bool OwesAnswers(ConnectionId connection) => _state.Connections[connection.Slot].Held is not null;

    /// <summary>A copy of the state for people and metrics; costs a walk over the functions, never over the jobs.</summary>
    public ServerSnapshot Snapshot() => Snapshots.Take(_state);

    /// <summary>Takes one input to its end; effects are called before this returns.</summary>
    public void Step(in JobServerInput input, IJobServerEffects effects)
    {
        _state.BeginStep(input.NowMs, effects);
        if (_state.NextTimerMs <= _state.NowMs)
            _state.Lifecycle.RunTimers(TimersPerStep);
        switch (input.Kind)
        {
            case JobServerInputKind.Packet:
                if (_state.Connections[input.Connection.Slot] is { IsClosing: false } sender)
                    _packets.Run(sender, input.Magic, input.Type, input.Body);
                break;
            case JobServerInputKind.Line:
                if (_state.Connections[input.Connection.Slot] is { IsClosing: false } speaker)
                    _commands.Run(speaker, input.Body);
                break;
            case JobServerInputKind.Connected:
                Invariant.Require(input.Info is not null);
                _state.Connections.Add(new ConnectionState(input.Connection, input.Info) { WantsExceptions = _state.Options.ExceptionsByDefault });
                break;
            case JobServerInputKind.Disconnected:
                Disconnect(_state.Connections[input.Connection.Slot]);
                break;
            case JobServerInputKind.Tick:
                Tick();
                break;
            case JobServerInputKind.StoreCommitted:
                _state.Ledger.Commit(input.Sequence);
                break;
            case JobServerInputKind.StoreFailed:
                _state.Ledger.Fail(input.Sequence, input.Reason ?? "The job could not be stored");
                break;
            case JobServerInputKind.Replayed:
                _replay.Apply(input.Record);
                break;
            case JobServerInputKind.Draining:
                _state.IsDraining = true;
                break;
            case JobServerInputKind.Stopping:
                _state.IsDraining = true;
                _state.IsStopping = true;
                break;
            default:
                Invariant.Require(false, "a known kind of input");
                break;
        }

        _state.EndStep();
    }

    private void Disconnect(ConnectionState connection)
    {
        connection.IsClosing = true;
        _state.Replies.Drop(connection);
        _abilities.Leave(connection);
        _state.Connections.Remove(connection.Slot);
    }

    private void Tick()
    {
        _state.WakeUps.Expire();
        _state.Schedules.Fire();
        _state.Ledger.Retry();
        _state.Purges.Continue();
        _state.Listings.Run();
    }
}
