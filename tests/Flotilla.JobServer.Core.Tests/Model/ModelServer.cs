using Flotilla.Gearman.Protocol;

namespace Flotilla.JobServer.Core.Tests;

/// <summary>
/// The job server as plainly as it can be said: one list of jobs, searched from end to end. Knows nothing of NOOPs, which the
/// invariants hold against; everything else it answers byte for byte.
/// </summary>
internal sealed partial class ModelServer(bool isDurable, int deadMax)
{
    private readonly List<ModelFunction> _functions = [];
    private readonly List<ModelJob> _queue = [];
    private readonly List<ModelJob> _dead = [];
    private ulong _nextId = 1;
    private int _starts;
    private int _delays;

    public List<ModelJob> Jobs { get; } = [];

    public List<ModelPeer> Peers { get; } = [];

    public long NowMs { get; set; } = Rig.StartMs;

    /// <summary>Records told to the store so far.</summary>
    public ulong Sequence { get; private set; }

    public ulong AnsweredUpTo { get; private set; }

    public static string Handle(ModelJob job) => $"H:t:{job.Id}";

    public ModelPeer Connect()
    {
        var peer = new ModelPeer(Peers.Count);
        Peers.Add(peer);
        return peer;
    }

    public void Disconnect(ModelPeer peer)
    {
        peer.IsGone = true;
        peer.IsAsleep = false;
        peer.Abilities.Clear();
        foreach (var job in RunBy(peer))
            Lose(job);
        foreach (var job in Jobs.Where(job => job.Clients.Contains(peer)).ToList())
        {
            job.Clients.RemoveAll(client => client == peer);
            DropIfUnwanted(job);
        }
    }

    public void CanDo(ModelPeer peer, string name, int timeoutMs)
    {
        var function = FunctionOf(name);
        function.IsListed = true;
        var at = peer.Abilities.FindIndex(ability => ability.Function == function);
        if (at >= 0)
            peer.Abilities[at] = (function, timeoutMs);
        else
            peer.Abilities.Insert(0, (function, timeoutMs));
    }

    public void CantDo(ModelPeer peer, string name)
    {
        var at = peer.Abilities.FindIndex(ability => ability.Function.Name == name);
        if (at < 0)
            return;
        var function = peer.Abilities[at].Function;
        peer.Abilities.RemoveAt(at);
        foreach (var job in RunBy(peer).Where(job => job.Function == function))
            Lose(job);
    }

    public void Reset(ModelPeer peer)
    {
        while (peer.Abilities.Count > 0)
            CantDo(peer, peer.Abilities[0].Function.Name);
    }

    public void Submit(ModelPeer client, string name, string unique, string data, JobPriority priority, bool isBackground, long dueMs)
    {
        if (unique.Length > 64)
        {
            client.Tell("Error ARGUMENT_TOO_LARGE|Unique value too large");
            return;
        }

        var job = new ModelJob
        {
            Id = _nextId, Function = FunctionOf(name), Unique = unique, Data = data, Priority = priority, IsBackground = isBackground, DueMs = dueMs,
        };
        var same = job.HasKey ? Jobs.Find(other => other.HoldsKey && other.Function == job.Function && other.Key == job.Key) : null;
        if (same is not null)
        {
            Join(client, same, isBackground);
            return;
        }

        if (job.Function.IsDraining)
        {
            client.Tell("Error QUEUE_ERROR|Function is draining");
            return;
        }

        var limit = job.Function.Limits[(int)priority];
        var waiting = Jobs.Count(other => other.Function == job.Function && other.Priority == priority && other.State is "queued" or "delayed" or "storing"
            && other.Function == job.Function && other.Priority == priority);
        if (limit > 0 && waiting >= limit)
        {
            client.Tell("Error QUEUE_ERROR|Job queue is full");
            return;
        }

        _nextId++;
        job.Function.IsListed = true;
        job.HoldsKey = job.HasKey;
        Jobs.Add(job);
        if (isBackground && isDurable)
        {
            job.State = "storing";
            Store(job);
            client.TellWhenStored($"JobCreated {Handle(job)}", job.PendingSequence);
            return;
        }

        if (!isBackground)
            job.Clients.Add(client);
        EnqueueOrDelay(job, dueMs);
        client.Tell($"JobCreated {Handle(job)}");
    }

    public void Grab(ModelPeer worker, PacketType type)
    {
        worker.IsAsleep = false;
        for (var priority = JobPriority.High; priority <= JobPriority.Low; priority++)
        {
            foreach (var (function, timeoutMs) in worker.Abilities)
            {
                if (function.IsPaused || _queue.Find(job => job.Function == function && job.Priority == priority) is not { } job)
                    continue;
                worker.Abilities.Remove((function, timeoutMs));
                worker.Abilities.Add((function, timeoutMs));
                _queue.Remove(job);
                job.State = "running";
                job.Worker = worker;
                job.StartNumber = ++_starts;
                job.TimerMs = timeoutMs > 0 ? NowMs + timeoutMs : null;
                worker.Tell(type == PacketType.GrabJob
                    ? $"JobAssign {Handle(job)}|{function.Name}|{job.Data}"
                    : $"JobAssignUniq {Handle(job)}|{function.Name}|{job.Unique}|{job.Data}");
                return;
            }
        }

        worker.Tell("NoJob");
    }

    public void Work(ModelPeer worker, PacketType type, string handle, string rest)
    {
        var job = Jobs.Find(other => Handle(other) == handle && other.Worker == worker && other.State is "running" or "cancelled" && Handle(other) == handle && other.Worker == worker);
        if (job is null)
        {
            worker.Tell("Error JOB_NOT_FOUND|" + type switch
            {
                PacketType.WorkData or PacketType.WorkWarning => "Job does not exist on server",
                PacketType.WorkException => "An exception was received for a job that does not exist",
                _ => "Job given in work result not found",
            });
            return;
        }

        var isEnd = type is PacketType.WorkComplete or PacketType.WorkFail or PacketType.WorkException;
        if (job.State == "cancelled")
        {
            if (isEnd)
                Forget(job);
            return;
        }

        var isFailure = type is PacketType.WorkFail or PacketType.WorkException;
        var isRetried = isFailure && job.IsBackground && job.Function.Policy.RetriesFailures && !IsLastAttempt(job);
        if (!isRetried)
        {
            foreach (var client in job.Clients)
            {
                client.Tell(type switch
                {
                    PacketType.WorkFail => $"WorkFail {handle}",
                    PacketType.WorkException when !client.WantsExceptions => $"WorkFail {handle}|",
                    _ => $"{type} {handle}|{rest}",
                });
            }
        }

        if (type == PacketType.WorkStatus)
            (job.Numerator, job.Denominator) = (rest.Split('|')[0], rest.Split('|')[1]);
        if (!isEnd)
            return;
        LeaveWorker(job);
        if (!isFailure)
        {
            Discard(job);
            return;
        }

        job.Attempts++;
        if (isRetried)
            Retry(job);
        else
            BuryOrDiscard(job);
    }

    public void Cancel(ModelPeer admin, string handle)
    {
        var job = Jobs.Find(other => Handle(other) == handle);
        if (job is null || job.State is "storing" or "cancelled")
        {
            admin.Tell("ERR UNKNOWN_JOB\r\n");
            return;
        }

        TellFailed(job);
        if (job.State == "running")
        {
            if (job.Worker!.WantsCancellations)
                job.Worker.Tell($"WorkFail {handle}");
            if (job.IsStored)
                Sequence += isDurable ? 1UL : 0;
            job.State = "cancelled";
            job.HoldsKey = false;
            job.TimerMs = null;
        }
        else
        {
            Discard(job);
        }

        admin.Tell("OK\r\n");
    }

    public void Status(ModelPeer peer, string handle)
    {
        var job = Jobs.Find(other => Handle(other) == handle && other.State is "queued" or "running" or "delayed" && Handle(other) == handle);
        peer.Tell(job is null
            ? $"StatusRes {handle}|0|0|0|0"
            : $"StatusRes {handle}|1|{(job.State == "running" ? 1 : 0)}|{job.Numerator}|{job.Denominator}");
    }

    public void StatusUnique(ModelPeer peer, string unique)
    {
        var job = unique == "-" ? null : Jobs.FindLast(other => other.HoldsKey && other.Unique == unique && other.State is "queued" or "running" or "delayed"
            && other.HoldsKey && other.Unique == unique);
        peer.Tell(job is null
            ? $"StatusResUnique {unique}|0|0|0|0|0"
            : $"StatusResUnique {unique}|1|{(job.State == "running" ? 1 : 0)}|{job.Numerator}|{job.Denominator}|{job.Clients.Count}");
    }

    public string StatusText() => string.Concat(_functions.Where(function => function.IsListed).Select(function =>
    {
        var running = Jobs.Count(job => job.Function == function && job.State == "running");
        var waiting = Jobs.Count(job => job.Function == function && (job.State == "queued" || job.State == "delayed"));
        var workers = Peers.Count(peer => peer.Abilities.Exists(ability => ability.Function == function));
        return $"{function.Name}\t{waiting + running}\t{running}\t{workers}\n";
    })) + ".\n";
}
