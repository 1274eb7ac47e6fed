using System.Globalization;
using System.Text.RegularExpressions;
using Flotilla.Gearman.Protocol;
using Flotilla.Primitives;

namespace Flotilla.JobServer.Core.Tests;

/// <summary>Gives machine and model the same random inputs and compares what every connection reads.</summary>
internal sealed partial class ModelRun
{
    private const int DeadMax = 3;
    private static readonly string[] Functions = ["f", "g", "h"];
    private static readonly string[] Uniques = ["", "", "-", "a", "b", "c", new('u', 64), new('u', 65)];
    private static readonly string[] Payloads = ["", "x", "y", "payload", new('z', 40)];
    private static readonly PacketType[] Reports =
        [PacketType.WorkComplete, PacketType.WorkComplete, PacketType.WorkFail, PacketType.WorkException, PacketType.WorkData, PacketType.WorkWarning, PacketType.WorkStatus];

    private readonly SeededRandom _random;
    private readonly bool _isDurable;
    private readonly Rig _rig;
    private readonly ModelServer _model;
    private readonly List<Peer> _peers = [];
    private readonly HashSet<ulong> _failed = [];
    private string _last = "";

    public ModelRun(ulong seed)
    {
        _random = new SeededRandom((seed * 7919) + 1);
        _isDurable = seed % 2 == 0;
        _rig = new Rig(options => options with { IsDurable = _isDurable, DeadJobsPerFunctionMax = DeadMax, HashSeed = seed });
        _model = new ModelServer(_isDurable, DeadMax);
    }

    public void Run(int steps)
    {
        for (var step = 0; step < steps; step++)
        {
            Act();
            Compare(step);
        }

        if (_isDurable)
            CompareReplay();
    }

    private void Act()
    {
        var alive = _model.Peers.Where(peer => !peer.IsGone).ToList();
        if (alive.Count < 2 || (alive.Count < 12 && _random.OneIn(20)))
        {
            _last = "connect";
            _peers.Add(_rig.Connect());
            _model.Connect();
            return;
        }

        var model = alive[_random.Next(alive.Count)];
        var peer = _peers[model.Number];
        switch (_random.Next(100))
        {
            case < 26:
                Submit(peer, model);
                break;
            case < 46:
                Grab(peer, model);
                break;
            case < 68:
                Report(peer, model);
                break;
            case < 80:
                Register(peer, model);
                break;
            case < 83:
                _last = "pass";
                PassTime(_random.Next(1, 1500));
                break;
            case < 90:
                Settle();
                break;
            case < 92:
                _last = $"{model.Number} disconnects";
                peer.Disconnect();
                _model.Disconnect(model);
                break;
            default:
                Administer(peer, model);
                break;
        }
    }

    private void Submit(Peer peer, ModelPeer model)
    {
        var (function, unique, data) = (Pick(Functions), Pick(Uniques), Pick(Payloads));
        if (_random.OneIn(6))
        {
            var dueMs = _rig.NowMs + _random.Next(-500, 3000);
            _last = $"{model.Number} submits {function} {unique} for {dueMs}";
            peer.Send(PacketType.SubmitJobEpoch, function, unique, (dueMs / 1000m).ToString("0.000", CultureInfo.InvariantCulture), data);
            _model.Submit(model, function, unique, data, JobPriority.Normal, isBackground: true, dueMs);
            return;
        }

        var isBackground = _random.OneIn(2);
        var priority = (JobPriority)_random.Next(3);
        var type = (priority, isBackground) switch
        {
            (JobPriority.High, true) => PacketType.SubmitJobHighBg,
            (JobPriority.High, false) => PacketType.SubmitJobHigh,
            (JobPriority.Low, true) => PacketType.SubmitJobLowBg,
            (JobPriority.Low, false) => PacketType.SubmitJobLow,
            (_, true) => PacketType.SubmitJobBg,
            _ => PacketType.SubmitJob,
        };
        _last = $"{model.Number} {type} {function} {unique}";
        peer.Send(type, function, unique, data);
        _model.Submit(model, function, unique, data, priority, isBackground, 0);
    }

    private void Grab(Peer peer, ModelPeer model)
    {
        if (_random.OneIn(3))
        {
            _last = $"{model.Number} sleeps";
            model.IsAsleep = true;
            peer.Send(PacketType.PreSleep);
            return;
        }

        var type = _random.OneIn(2) ? PacketType.GrabJob : _random.OneIn(2) ? PacketType.GrabJobAll : PacketType.GrabJobUniq;
        _last = $"{model.Number} {type}";
        peer.Send(type);
        _model.Grab(model, type);
    }

    private void Report(Peer peer, ModelPeer model)
    {
        var own = _model.Jobs.Where(job => job.Worker == model).ToList();
        var jobs = own.Count > 0 && !_random.OneIn(10) ? own : _model.Jobs;
        var handle = jobs.Count > 0 && !_random.OneIn(20) ? ModelServer.Handle(jobs[_random.Next(jobs.Count)]) : "H:t:999999";
        var type = Reports[_random.Next(Reports.Length)];
        var rest = type == PacketType.WorkStatus ? $"{_random.Next(9)}|{_random.Next(9)}" : Pick(Payloads);
        _last = $"{model.Number} {type} {handle}";
        string[] arguments = type == PacketType.WorkFail ? [handle] : [handle, .. rest.Split('|')];
        peer.Send(type, arguments);
        _model.Work(model, type, handle, rest);
    }

    private void Register(Peer peer, ModelPeer model)
    {
        var function = Pick(Functions);
        switch (_random.Next(10))
        {
            case < 5:
                _last = $"{model.Number} can do {function}";
                peer.CanDo(function);
                _model.CanDo(model, function, 0);
                break;
            case < 7:
                _last = $"{model.Number} can do {function} for a while";
                var timeoutMs = 1000 + _random.Next(1000);
                peer.Send(PacketType.CanDoTimeout, function, $"{timeoutMs}");
                _model.CanDo(model, function, timeoutMs);
                break;
            case < 8:
                _last = $"{model.Number} can't do {function}";
                peer.Send(PacketType.CantDo, function);
                _model.CantDo(model, function);
                break;
            case < 9:
                _last = $"{model.Number} resets";
                peer.Send(PacketType.ResetAbilities);
                _model.Reset(model);
                break;
            default:
                var option = _random.OneIn(2) ? "exceptions" : "cancellations";
                _last = $"{model.Number} wants {option}";
                peer.Send(PacketType.OptionReq, option);
                model.WantsExceptions |= option == "exceptions";
                model.WantsCancellations |= option == "cancellations";
                model.Tell($"OptionRes {option}");
                break;
        }
    }

    private void PassTime(long milliseconds)
    {
        var end = _rig.NowMs + milliseconds;
        while (_rig.NowMs < end)
        {
            var next = Math.Clamp(_rig.Machine.NextDeadlineMs, _rig.NowMs + 1, end);
            _rig.Pass(next - _rig.NowMs);
            _model.NowMs = _rig.NowMs;
            _model.RunTimers();
        }
    }

    private void Settle()
    {
        if (_rig.Effects.LastSequence == _model.AnsweredUpTo)
            return;
        var sequence = _model.AnsweredUpTo + 1 + (ulong)_random.Next((int)(_rig.Effects.LastSequence - _model.AnsweredUpTo));

        // a refused removal would be told again a second later; the model leaves that to the tests of the store
        var mayFail = Enumerable.Range((int)_model.AnsweredUpTo, (int)(sequence - _model.AnsweredUpTo))
            .All(index => _rig.Effects.Stored[index].Kind == StoredRecordKind.JobAdded);
        if (mayFail && _random.OneIn(4))
        {
            _last = $"store fails up to {sequence}";
            for (var failed = _model.AnsweredUpTo + 1; failed <= sequence; failed++)
                _failed.Add(failed);
            _rig.Step(JobServerInput.StoreFailed(_rig.NowMs, sequence, "disk full"));
            _model.Settle(sequence, isGood: false);
            return;
        }

        _last = $"store commits up to {sequence}";
        _rig.Commit(sequence);
        _model.Settle(sequence, isGood: true);
    }

    private void Administer(Peer peer, ModelPeer model)
    {
        var function = Pick(Functions);
        var handle = _model.Jobs.Count > 0 ? ModelServer.Handle(_model.Jobs[_random.Next(_model.Jobs.Count)]) : "H:t:0";
        switch (_random.Next(13))
        {
            case < 2:
                Say(peer, $"cancel job {handle}", () => _model.Cancel(model, handle));
                break;
            case 2:
                Say(peer, $"pause {function}", () => _model.Set(model, function, it => it.IsPaused = true));
                break;
            case 3:
                Say(peer, $"drain {function}", () => _model.Set(model, function, it => it.IsDraining = true));
                break;
            case < 6 when _model.Knows(function):
                Say(peer, $"resume {function}", () => _model.Set(model, function, it => it.IsPaused = it.IsDraining = false));
                break;
            case 6:
                var (attempts, backOff, retries, keeps) = (_random.Next(4), _random.Next(2) * 300, _random.OneIn(2), _random.OneIn(2));
                Say(
                    peer,
                    $"policy {function} attempts={attempts} backoff={backOff}ms backoffmax=1s onfail={(retries ? "retry" : "final")} dead={(keeps ? "keep" : "drop")}",
                    () => _model.Set(model, function, it => it.Policy = new RetryPolicy
                    {
                        Attempts = attempts, BackOffMs = backOff, BackOffMsMax = 1000, RetriesFailures = retries, KeepsDead = keeps,
                    }));
                break;
            case 7:
                int[] limits = [_random.Next(6), _random.Next(6), _random.Next(6)];
                Say(peer, $"maxqueue {function} {limits[0]} {limits[1]} {limits[2]}", () => _model.Set(model, function, it => it.Limits = limits));
                break;
            case 8:
                Say(peer, $"drop function {function}", () => _model.Drop(model, function));
                break;
            case 9:
                var isRetry = _random.OneIn(2);
                Say(peer, $"dead {(isRetry ? "retry" : "drop")} all {function}", () => _model.Dead(model, function, isRetry));
                break;
            case 10:
                _last = $"{model.Number} asks {handle}";
                peer.Send(PacketType.GetStatus, handle);
                _model.Status(model, handle);
                break;
            case 11:
                var unique = Pick(Uniques);
                _last = $"{model.Number} asks unique {unique}";
                peer.Send(PacketType.GetStatusUnique, unique);
                _model.StatusUnique(model, unique);
                break;
            default:
                Say(peer, "status", () => model.Tell(_model.StatusText()));
                break;
        }
    }

    private void Say(Peer peer, string line, Action model)
    {
        _last = $"{peer.Slot} says {line}";
        peer.Say(line);
        model();
    }

    private void Compare(int step)
    {
        foreach (var model in _model.Peers)
        {
            if (model.IsGone)
            {
                _peers[model.Number].Bytes();
                continue;
            }

            var received = _peers[model.Number].ReceivedMixed();
            if (received.RemoveAll(packet => packet == "Noop") is > 0 and var noops)
            {
                // a NOOP that stood behind a reply that waited for the store may come late
                Assert.True(model.WasHeld || (model.IsAsleep && noops == 1), $"step {step}: {_last}: {model.Number} was woken {noops} times");
                model.IsAsleep = false;
            }

            var expected = InOrder(string.Concat(model.Take()));
            var actual = InOrder(string.Concat(received));
            model.WasHeld = model.Outbox.Count > 0;
            Assert.True(expected == actual, $"step {step}: {_last}: {model.Number} reads\n{actual}\ninstead of\n{expected}");
        }

        Assert.True(_model.Sequence == _rig.Effects.LastSequence, $"step {step}: {_last}: {_rig.Effects.LastSequence} records instead of {_model.Sequence}");
    }

    /// <summary>Sorts the rows of each status: they come in the order of numbers, and those of dropped functions are given again.</summary>
    private static string InOrder(string text)
        => StatusRows().Replace(text, rows => string.Concat(rows.Groups["row"].Captures.Select(row => row.Value).Order(StringComparer.Ordinal)));

    [GeneratedRegex(@"(?<row>[fgh]\t\d+\t\d+\t\d+\n)+", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex StatusRows();

    /// <summary>A crash now: what the store has must bring back every acknowledged job that has not ended, and no other.</summary>
    private void CompareReplay()
    {
        var restarted = new Rig();
        var removed = new HashSet<ulong>();
        for (var sequence = 1UL; sequence <= _rig.Effects.LastSequence; sequence++)
        {
            var record = _rig.Effects.Stored[(int)sequence - 1];
            if (_failed.Contains(sequence))
                continue;
            if (sequence <= _model.AnsweredUpTo)
                restarted.Replay(record);
            else if (record.Kind == StoredRecordKind.JobRemoved)
                removed.Add(record.Id);
        }

        foreach (var job in _model.Jobs.Where(job => job.IsStored && job.PendingSequence == 0 && job.State != "cancelled"))
            Assert.NotEqual(JobTable.None, restarted.Machine.State.Jobs.Find(new JobId(job.Id)));
        var live = _model.Jobs.Where(job => job.IsStored).Select(job => job.Id).ToHashSet();
        var budget = int.MaxValue;
        var jobs = restarted.Machine.State.Jobs;
        for (var job = jobs.NextLive(0, ref budget); job < jobs.End; job = jobs.NextLive(job + 1, ref budget))
            Assert.True(live.Contains(jobs[job].Id) || removed.Contains(jobs[job].Id), $"job {jobs[job].Id} came back");
    }

    private string Pick(string[] from) => from[_random.Next(from.Length)];
}
