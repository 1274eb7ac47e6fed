namespace Flotilla.JobServer.Core.Tests;

/// <summary>What happens to jobs.</summary>
internal sealed partial class ModelServer
{
    public ModelFunction FunctionOf(string name)
    {
        var function = _functions.Find(other => other.Name == name);
        if (function is null)
            _functions.Add(function = new ModelFunction(name));
        return function;
    }

    public void Drop(ModelPeer admin, string name)
    {
        var function = _functions.Find(other => other.Name == name);
        if (function is null)
        {
            admin.Tell("ERR function not found\r\n");
            return;
        }

        if (Peers.Exists(peer => peer.Abilities.Exists(ability => ability.Function == function)) || Jobs.Exists(job => job.Function == function && job.State == "running"))
        {
            admin.Tell("ERR there are still connected workers or executing clients\r\n");
            return;
        }

        CountRecord();
        _functions.Remove(function);
        var queued = _queue.Where(job => job.Function == function).OrderBy(job => job.Priority);
        var delayed = Jobs.Where(job => job.Function == function && job.State == "delayed").OrderBy(job => job.DelayNumber);
        foreach (var job in queued.Concat(delayed).Concat(DeadOf(function)).ToList())
        {
            TellFailed(job);
            Discard(job);
        }

        admin.Tell("OK\r\n");
    }

    public void Dead(ModelPeer admin, string name, bool isRetry)
    {
        if (_functions.Find(other => other.Name == name) is not { } function)
        {
            admin.Tell("ERR UNKNOWN_FUNCTION No+such+function\r\n");
            return;
        }

        foreach (var job in DeadOf(function))
        {
            if (!isRetry)
            {
                Discard(job);
                continue;
            }

            job.Attempts = 0;
            if (job.IsStored)
                CountRecord();
            job.HoldsKey = job.HasKey && !Jobs.Exists(other => other.HoldsKey && other.Function == function && other.Key == job.Key);
            Enqueue(job);
        }

        admin.Tell("OK\r\n");
    }

    public void Set(ModelPeer admin, string name, Action<ModelFunction> change)
    {
        change(FunctionOf(name));
        CountRecord();
        admin.Tell("OK\r\n");
    }

    public bool Knows(string name) => _functions.Exists(function => function.Name == name);

    /// <summary>Everything that is due, the earliest first.</summary>
    public void RunTimers()
    {
        while (Jobs.Where(job => job.TimerMs <= NowMs).OrderBy(job => job.TimerMs).ThenBy(job => job.Id).FirstOrDefault() is { } job)
        {
            job.TimerMs = null;
            if (job.State == "running")
                Lose(job);
            else
                Enqueue(job);
        }
    }

    /// <summary>The store answers for all records up to a number, one way or the other.</summary>
    public void Settle(ulong sequence, bool isGood)
    {
        var first = AnsweredUpTo + 1;
        AnsweredUpTo = sequence;
        foreach (var job in Jobs.Where(job => job.PendingSequence >= first && job.PendingSequence <= sequence).OrderBy(job => job.PendingSequence).ToList())
        {
            job.PendingSequence = 0;
            if (isGood)
                Stored(job);
            else
                NotStored(job);
        }

        foreach (var peer in Peers)
            peer.Settle(first, sequence, isGood);
    }

    private void Stored(ModelJob job)
    {
        if (job.State != "storing")
            return;
        if (!_functions.Contains(job.Function))
        {
            TellFailed(job);
            Discard(job);
            return;
        }

        EnqueueOrDelay(job, job.DueMs);
    }

    private void NotStored(ModelJob job)
    {
        job.IsStored = false;
        if (job.State == "storing")
        {
            Forget(job);
            return;
        }

        job.IsBackground = false;
        DropIfUnwanted(job);
    }

    private List<ModelJob> RunBy(ModelPeer peer) => [.. Jobs.Where(job => job.Worker == peer).OrderBy(job => job.StartNumber)];

    private List<ModelJob> DeadOf(ModelFunction function) => [.. _dead.Where(job => job.Function == function)];

    private static bool IsLastAttempt(ModelJob job) => job.Function.Policy.Attempts > 0 && job.Attempts + 1 >= job.Function.Policy.Attempts;

    private void Join(ModelPeer client, ModelJob job, bool isBackground)
    {
        if (!isBackground)
        {
            job.Clients.Add(client);
            if (job.State == "storing")
                client.TellWhenStored($"JobCreated {Handle(job)}", job.PendingSequence);
            else
                client.Tell($"JobCreated {Handle(job)}");
            return;
        }

        if (!job.IsBackground)
        {
            job.IsBackground = true;
            if (isDurable)
                Store(job);
        }

        if (job.PendingSequence > 0)
            client.TellWhenStored($"JobCreated {Handle(job)}", job.PendingSequence);
        else
            client.Tell($"JobCreated {Handle(job)}");
    }

    private void Store(ModelJob job)
    {
        job.IsStored = true;
        CountRecord();
        job.PendingSequence = Sequence;
    }

    private void CountRecord()
    {
        if (isDurable)
            Sequence++;
    }

    private void Lose(ModelJob job)
    {
        if (job.State == "cancelled")
        {
            Forget(job);
            return;
        }

        LeaveWorker(job);
        if (!job.IsBackground && job.Clients.Count == 0)
        {
            Discard(job);
            return;
        }

        var isLast = IsLastAttempt(job);
        job.Attempts++;
        if (!isLast)
        {
            Retry(job);
            return;
        }

        TellFailed(job);
        BuryOrDiscard(job);
    }

    private void Retry(ModelJob job)
    {
        (job.Numerator, job.Denominator) = ("0", "0");
        var wait = job.Function.Policy.BackOffMs;
        for (var i = 1; i < job.Attempts; i++)
            wait = Math.Min(wait * 2, job.Function.Policy.BackOffMsMax);
        wait = Math.Min(wait, job.Function.Policy.BackOffMsMax);
        if (job.IsStored)
            CountRecord();
        EnqueueOrDelay(job, wait == 0 ? 0 : NowMs + wait);
    }

    private void BuryOrDiscard(ModelJob job)
    {
        job.Clients.Clear();
        if (!job.IsBackground || !job.Function.Policy.KeepsDead)
        {
            Discard(job);
            return;
        }

        job.State = "dead";
        job.HoldsKey = false;
        if (job.IsStored)
            CountRecord();
        _dead.Add(job);
        if (DeadOf(job.Function).Count > deadMax)
            Discard(DeadOf(job.Function)[0]);
    }

    private void LeaveWorker(ModelJob job)
    {
        job.Worker = null;
        job.TimerMs = null;
        job.State = "between";
    }

    private void EnqueueOrDelay(ModelJob job, long dueMs)
    {
        if (dueMs <= NowMs)
        {
            Enqueue(job);
            return;
        }

        job.State = "delayed";
        job.DelayNumber = ++_delays;
        job.TimerMs = dueMs;
    }

    private void Enqueue(ModelJob job)
    {
        _dead.Remove(job);
        job.State = "queued";
        _queue.Add(job);
    }

    private void DropIfUnwanted(ModelJob job)
    {
        if (!job.IsBackground && job.Clients.Count == 0 && job.State is "queued" or "delayed" && !job.IsBackground && job.Clients.Count == 0)
            Discard(job);
    }

    private void TellFailed(ModelJob job)
    {
        foreach (var client in job.Clients)
            client.Tell($"WorkFail {Handle(job)}");
        job.Clients.Clear();
    }

    private void Discard(ModelJob job)
    {
        if (job.IsStored)
            CountRecord();
        Forget(job);
    }

    private void Forget(ModelJob job)
    {
        job.State = "gone";
        job.HoldsKey = false;
        job.TimerMs = null;
        job.Worker = null;
        Jobs.Remove(job);
        _queue.Remove(job);
        _dead.Remove(job);
    }
}
