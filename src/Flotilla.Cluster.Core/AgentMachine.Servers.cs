using System.Globalization;
using Flotilla.Cluster.Core.Actions;
using Flotilla.Cluster.Core.Commands;
using Flotilla.Cluster.Core.Inputs;

namespace Flotilla.Cluster.Core;

/// <summary>The node's own servers, and those whose nodes are gone.</summary>
public sealed partial class AgentMachine
{
    private readonly SortedDictionary<ServerName, Remote> _remote = [];
    private ulong _keepAlives;

    // Decisions change what servers have to be: what was seen before may be what the state wanted then.
    private void Unsee()
    {
        foreach (var driven in _driven.Values)
            driven.Unsee();
    }

    private void OnGuardTold(GuardTold told, Driven driven)
    {
        var (before, after) = (driven.Notes.Guard, told.Status);
        driven.Notes = driven.Notes with { Guard = after };
        if (before is not null && before.IsRunning == after.IsRunning && before.Start == after.Start)
            return;
        var ended = before is { IsRunning: true } && _state is { Epoch: { } epoch } && epoch.Primary == told.Server && epoch.Number == before.Epoch ? epoch.Number : driven.Notes.EndedInEpoch;
        driven.Notes = driven.Notes with { StartedNs = _nowNs, AnsweredNs = null, Seen = null, Compared = null, EndedInEpoch = ended };
        if (after.IsRunning)
            driven.Notes = driven.Notes with { KilledFor = "" };
        driven.Unsee();
    }

    private void OnSeen(ServerSeen told)
    {
        if (_driven.TryGetValue(told.Server, out var driven))
        {
            driven.IsLooking = false;
            if (driven.LookStart != driven.Notes.Guard?.Start)
                return;
            driven.Notes = driven.Notes with
            {
                Seen = told.Seen,
                SeenNs = driven.LookNs,
                IsSeenNew = !driven.IsLookOld,
                AnsweredNs = told.Seen.IsAnswering ? driven.LookNs : driven.Notes.AnsweredNs,
            };
        }
        else if (_remote.TryGetValue(told.Server, out var remote))
        {
            remote.IsLooking = false;
            if (remote.IsLookCounted)
                _notes = _notes with { Remote = _notes.Remote.SetItem(told.Server, new RemoteLook(remote.LookNs, remote.Plan, told.Seen)) };
        }
    }

    private void OnActionEnded(ActionEnded ended)
    {
        if (!_driven.TryGetValue(ended.Server, out var driven))
        {
            if (_remote.TryGetValue(ended.Server, out var remote))
                remote.IsActing = false;
            return;
        }

        if (ended.Action is KillServer)
            driven.IsKilling = false;
        else
            driven.Notes = driven.Notes with { Action = null };
        driven.Unsee();
        if (ended.Failure is { } failure)
        {
            driven.Notes = driven.Notes with { Failure = failure, NotBeforeNs = _nowNs + _options.RepeatNs };
            return;
        }

        // What it found or did was right for what was wanted when it began.
        var (epoch, plan) = (driven.ActionEpoch, driven.ActionPlan);
        driven.Notes = ended.Action switch
        {
            Compare => driven.Notes with { Failure = null, Compared = ended.Compared, ComparedIn = epoch },
            SaveErrant => driven.Notes with { Failure = null, SavedIn = epoch },
            FlashBack or Follow => driven.Notes with { Failure = null, Compared = null, SavedIn = 0 },
            Provision => driven.Notes with { Failure = null, Compared = null, SavedIn = 0, IsProvisioned = true },
            RunHook { Kind: HookKind.BeforePromotion } => driven.Notes with { Failure = null, HookedBefore = plan },
            RunHook => driven.Notes with { Failure = null, PromotedBy = 0 },
            _ => driven.Notes with { Failure = null },
        };
    }

    private void Drive(ServerName name, Driven driven)
    {
        if (_state!.Find(name) is not { } server || server.Node != _options.Node)
        {
            driven.Reason = Transitions.Obstacle(_state, _options.Node, SpecOf(name)) ?? "is not declared yet";
            return;
        }

        // Nothing is done for it, and no lease of it renewed, as what it was before.
        if (server.Spec.IsWatched != SpecOf(name).IsWatched)
        {
            driven.Reason = Transitions.Obstacle(_state, _options.Node, SpecOf(name)) ?? "is declared anew";
            return;
        }

        if (driven.Notes.IsProvisioned && !server.IsToBeProvisioned)
            driven.Notes = driven.Notes with { IsProvisioned = false };
        // Nothing would end a watched server with its lease.
        if (!server.Spec.IsWatched)
            KeepAlive(name, driven);
        Disarm(name, driven);
        Report(server, driven);
        var step = ServerPlan.Next(_state, server, driven.Notes, _options, _nowNs);
        driven.Reason = step.Reason;
        if (step.Tell is { } tell)
            Repeat(tell);
        if (step.Action is KillServer kill)
        {
            if (driven.IsKilling)
                return;
            driven.IsKilling = true;
            driven.Notes = driven.Notes with { KilledFor = kill.Why };
            _effects.Do(name, kill);
        }
        else if (step.Action is { } action && !driven.IsKilling)
        {
            driven.Notes = driven.Notes with { Action = action };
            (driven.ActionEpoch, driven.ActionPlan) = (_state.LastEpoch, _state.Plan?.Number ?? 0);
            if (action is Compare)
                driven.Notes = driven.Notes with { Compared = null, ComparedAt = driven.Notes.Seen!.Logged, SavedIn = 0 };
            _effects.Do(name, action);
        }
    }

    private ServerSpec SpecOf(ServerName name) => _specs.First(spec => spec.Name == name);

    private void KeepAlive(ServerName name, Driven driven)
    {
        if (driven.Notes.Guard is not { IsRunning: true } || !_state!.IsEpochLive || _state.Epoch!.Primary != name || driven.Notes.EndedInEpoch == _state.Epoch.Number)
            return;
        if (driven.KeptAliveIn == _state.Epoch.Number && _nowNs - driven.KeptAliveNs < _options.KeepAliveNs)
            return;
        // Those that did not come back within a lease can't prolong it.
        foreach (var old in driven.KeepAlives.Where(one => _nowNs - one.Value > _state.Epoch.LeaseNs).Select(one => one.Key).ToList())
            driven.KeepAlives.Remove(old);
        (driven.KeptAliveIn, driven.KeptAliveNs) = (_state.Epoch.Number, _nowNs);
        driven.KeepAlives[++_keepAlives] = _nowNs;
        if (Planted.Is(PlantedBug.LeaseFromSending))
            _effects.SetDeadline(name, _state.Epoch.Number, _nowNs + _state.Epoch.LeaseNs);
        Send(new KeepAlive(name, _state.Epoch.Number, _options.Life, _keepAlives));
    }

    // A primary that gave way need not die. It is read-only, and nothing that could change it is at work.
    private void Disarm(ServerName name, Driven driven)
    {
        if (driven.Notes is not { Guard: { DeadlineNs: not null, IsRunning: true }, IsFresh: true, Seen: { IsAnswering: true, IsReadOnly: true } } || _state!.Epoch?.Primary == name)
            return;
        if (_nowNs - driven.DisarmedNs < _options.RepeatNs)
            return;
        driven.DisarmedNs = _nowNs;
        _effects.SetDeadline(name, _state.LastEpoch, null);
    }

    private void ReportAgain()
    {
        foreach (var driven in _driven.Values)
            (driven.IsToReport, driven.AskedNs) = (true, _nowNs);
    }

    private void Report(ServerState server, Driven driven)
    {
        if (ReportOf(server, driven.Notes) is not { } report)
            return;
        var known = server.Report;
        var isNews = Core(report) != Core(known);
        var isMoved = !report.Logged.Equals(known.Logged) || !report.Applied.Equals(known.Applied) || !report.Received.Equals(known.Received)
            || report.LagSeconds != known.LagSeconds || report.ThreadsRunning != known.ThreadsRunning;
        var isRepeated = driven.Reported is { } last && Core(last) == Core(report);
        var sinceNs = _nowNs - driven.ReportedNs;
        // What a newcomer was told may have been in the state that it was given, too: it is told again for a while.
        var isAsked = driven.IsToReport || _nowNs - driven.AskedNs < _options.ReportAgainNs || sinceNs >= _options.ReportAgainNs;
        if (!driven.IsToReport && !(isNews && !isRepeated) && !((isNews || isMoved || isAsked) && sinceNs >= _options.ReportNs))
            return;
        driven.IsToReport = false;
        driven.Reported = report;
        driven.ReportedNs = _nowNs;
        Send(new ReportServer(_options.Node, server.Name, report));
    }

    // What is worth saying at once.
    private static ServerReport Core(ServerReport report)
        => report with { Logged = ReplicationPosition.None, Applied = ReplicationPosition.None, Received = ReplicationPosition.None, LagSeconds = null, ThreadsRunning = 0 };

    // Null while there is nothing to say but what was said before.
    private ServerReport? ReportOf(ServerState server, ServerNotes notes)
    {
        var known = server.Report;
        if (notes.Guard is null)
            return null;
        if (!notes.Guard.IsRunning)
            return known with { Status = ServerStatus.Down, Source = null, IsReceiverRunning = false, IsReceiving = false, Error = notes.Guard.Ended };
        if (notes.AnsweredNs is not { } answeredNs)
            return known with { Status = ServerStatus.Starting, Source = null, IsReceiverRunning = false, IsReceiving = false, Error = notes.Seen?.Error ?? "" };
        if (notes.Seen is { IsAnswering: false } silent && _nowNs - answeredNs >= _options.HangNs)
            return known with { Status = ServerStatus.Hung, IsReceiverRunning = false, IsReceiving = false, Error = silent.Error ?? "" };
        if (!notes.IsSeenNew || notes.Seen is not { IsAnswering: true } seen)
            return null;
        return new ServerReport
        {
            Status = ServerStatus.Up,
            Epoch = _state!.LastEpoch,
            IsReadOnly = seen.IsReadOnly,
            Source = ServerView.SourceOf(_state, seen),
            IsReceiverRunning = seen.Replica?.IsReceiverRunning == true,
            IsReceiving = seen.Replica is { IsReceiverConnected: true, IsReceiverRunning: true },
            Logged = seen.Logged,
            Applied = seen.Applied,
            Received = seen.Replica?.Received ?? ReplicationPosition.None,
            LagSeconds = seen.Replica?.LagSeconds,
            ThreadsRunning = seen.ThreadsRunning,
            Version = seen.Version,
            BinlogFormat = seen.BinlogFormat,
            Error = notes.Failure ?? StrangersOf(seen) ?? ErrorOf(seen.Replica),
        };
    }

    // The server counts anybody's acknowledgement. What only a stranger has is in no later primary.
    private string? StrangersOf(ServerObservation seen)
    {
        if (!seen.IsSemiSyncPrimary)
            return null;
        var strangers = seen.ConnectedReplicas.Where(id => _state!.Servers.All(server => server.Spec.ServerId != id)).Select(id => id.ToString(CultureInfo.InvariantCulture)).ToList();
        return strangers.Count > 0 && seen.AcknowledgingReplicas > seen.ConnectedReplicas.Count - strangers.Count
            ? $"a replica that is not of the cluster acknowledges commits, and may be the only one to have them: set rpl_semi_sync_slave_enabled=0 on the server with the id {string.Join(" or ", strangers)}"
            : null;
    }

    private static string ErrorOf(ReplicaObservation? replica) => replica switch
    {
        null => "",
        { ApplierError.Length: > 0 } => replica.ApplierError,
        { IsReceiverRunning: false } => replica.ReceiverError,
        _ => "",
    };

    private void LookAt(ServerName name, Driven driven)
    {
        if (driven.IsLooking || driven.Notes.Guard is not { IsRunning: true } guard)
            return;
        if (driven.IsLookOld || _nowNs - driven.LookNs >= _options.LookNs)
        {
            driven.BeginLook(_nowNs, guard.Start);
            _effects.Look(name);
        }
    }

    // What was seen of a server says nothing once its node was here again. A look that is under way then ends first: its answer must not pass for one of the next absence, nor two looks meet.
    private void ForgetReturned()
    {
        foreach (var (name, remote) in _remote)
        {
            if (!_view.Members.IsEmpty && _state?.Find(name) is { } server && !_view.Has(server.Node))
                continue;
            remote.Forget();
            _notes = _notes with { Remote = _notes.Remote.Remove(name) };
        }
    }

    // Only seen to and stopped, never started: whoever starts a receiver must know that it may.
    private void LookAtOthers()
    {
        if (_view.Coordinator != _options.Node)
            return;
        foreach (var server in _state!.Servers.Where(server => !_view.Has(server.Node)))
        {
            if (!_remote.TryGetValue(server.Name, out var remote))
                _remote.Add(server.Name, remote = new Remote());
            var plan = _state.Plan is { } given && Evidence.MayAskRemotely(given) ? given.Number : 0;
            if (!remote.IsLooking && (remote.Plan != plan || _nowNs - remote.LookNs >= _options.LookNs))
            {
                remote.BeginLook(_nowNs, plan);
                _effects.Look(server.Name);
            }

            if (plan != 0 && !remote.IsActing && _state.Plan!.Kind != PlanKind.Switchover && _state.Plan.Phase == PlanPhase.Collect
                && _notes.Remote.TryGetValue(server.Name, out var look) && look.Plan == plan && look.Seen is { IsAnswering: true, Replica.IsReceiverRunning: true })
            {
                remote.IsActing = true;
                _effects.Do(server.Name, new StopReceiver());
            }
        }
    }

    /// <summary>One of this node's servers.</summary>
    private sealed class Driven
    {
        public ServerNotes Notes { get; set; } = new();

        public string Reason { get; set; } = "";

        public bool IsLooking { get; set; }

        /// <summary>Something happened since the last look began.</summary>
        public bool IsLookOld { get; private set; } = true;

        public long LookNs { get; private set; }

        public bool IsKilling { get; set; }

        /// <summary>The newest epoch when its last action began.</summary>
        public ulong ActionEpoch { get; set; }

        /// <summary>The plan when it began; 0 for none.</summary>
        public ulong ActionPlan { get; set; }

        public ServerReport? Reported { get; set; }

        public long ReportedNs { get; set; }

        /// <summary>It is to be reported as soon as there is something to say, news or not.</summary>
        public bool IsToReport { get; set; }

        /// <summary>When somebody last came who does not know.</summary>
        public long AskedNs { get; set; } = long.MinValue / 2;

        /// <summary>When those under way were sent.</summary>
        public SortedDictionary<ulong, long> KeepAlives { get; } = [];

        public ulong KeptAliveIn { get; set; }

        public long KeptAliveNs { get; set; }

        public long DisarmedNs { get; set; } = long.MinValue / 2;

        /// <summary>Which life of the process is looked at.</summary>
        public ulong LookStart { get; private set; }

        public void BeginLook(long nowNs, ulong start) => (IsLooking, IsLookOld, LookNs, LookStart) = (true, false, nowNs, start);

        public void Unsee()
        {
            IsLookOld = true;
            Notes = Notes with { IsSeenNew = false };
        }
    }

    /// <summary>A server whose node is gone.</summary>
    private sealed class Remote
    {
        public bool IsLooking { get; set; }

        public bool IsActing { get; set; }

        public ulong Plan { get; private set; }

        public long LookNs { get; private set; } = long.MinValue / 2;

        public bool IsLookCounted { get; private set; }

        public void BeginLook(long nowNs, ulong plan) => (IsLooking, IsLookCounted, LookNs, Plan) = (true, true, nowNs, plan);

        public void Forget() => (IsLookCounted, LookNs) = (false, long.MinValue / 2);
    }
}
