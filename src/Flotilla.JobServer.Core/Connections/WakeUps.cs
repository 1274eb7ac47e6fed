using Flotilla.Gearman.Protocol;

namespace Flotilla.JobServer.Core;

/// <summary>
/// Who is told that there is work. For every runnable job one sleeping worker is woken (more by option), in turn; a woken worker counts
/// until it comes for work, falls asleep again, goes away, gives the function up or lets its time pass: then the next one is woken
/// if jobs are still there.
/// </summary>
internal sealed class WakeUps(MachineState state)
{
    private ConnectionState? _oldest;
    private ConnectionState? _youngest;

    /// <summary>When a woken worker's patience ends.</summary>
    public long NextMs => _oldest is null ? long.MaxValue : _oldest.WokenAtMs + state.Options.WakeUpPatienceMs;

    /// <summary>Wakes as many as the function's runnable jobs ask for.</summary>
    public void Wake(FunctionState function)
    {
        if (function.IsPaused || state.IsDraining)
            return;
        while (function.SleepHead != WorkerAbilities.None && function.Woken < (long)function.Queued * state.Options.WorkersWokenPerJob)
        {
            state.Abilities.TakeFirst(function, state.Connections, out var worker);
            if (worker.IsAsleep)
                WakeFor(worker, function);
        }
    }

    /// <summary>A worker wants to be woken; at once when there is work for it.</summary>
    public void Sleep(ConnectionState worker)
    {
        var wokenFor = worker.WokenFor;
        EndWait(worker);
        if (FindRunnable(worker, out _) is { } function)
        {
            WakeFor(worker, function);
        }
        else
        {
            worker.IsAsleep = true;
            state.Abilities.ListAll(worker);
        }

        // it may have been woken for one function and now again for another one
        if (wokenFor is not null)
            Wake(wokenFor);
    }

    /// <summary>The worker came for work, or will not: it no longer stands for the function it was woken for.</summary>
    public void EndWait(ConnectionState worker)
    {
        worker.IsAsleep = false;
        if (worker.WokenFor is not { } function)
            return;
        function.Woken--;
        worker.WokenFor = null;
        if (worker.PreviousWoken is null)
            _oldest = worker.NextWoken;
        else
            worker.PreviousWoken.NextWoken = worker.NextWoken;
        if (worker.NextWoken is null)
            _youngest = worker.PreviousWoken;
        else
            worker.NextWoken.PreviousWoken = worker.PreviousWoken;
        worker.NextWoken = null;
        worker.PreviousWoken = null;
    }

    /// <summary>Stops counting on workers that were woken too long ago and wakes others in their place.</summary>
    public void Expire()
    {
        while (_oldest is { } worker && NextMs <= state.NowMs)
        {
            var function = worker.WokenFor!;
            EndWait(worker);
            Wake(function);
        }
    }

    /// <summary>
    /// The function whose job a worker would get now: the highest priority over all its functions, and within it the function whose turn
    /// it is. Null when there is nothing for it.
    /// </summary>
    public FunctionState? FindRunnable(ConnectionState worker, out int position)
    {
        position = -1;
        if (state.IsDraining)
            return null;
        var functions = worker.Abilities.Functions;
        var best = byte.MaxValue;
        for (var i = functions.Length - 1; i >= 0; i--)
        {
            var ready = state.Functions.ReadyMask(functions[i]);
            if (ready == 0)
                continue;
            var highest = (byte)(ready & -ready);
            if (highest >= best)
                continue;
            best = highest;
            position = i;
            if (highest == 1)
                break;
        }

        return position < 0 ? null : state.Functions[functions[position]];
    }

    private void WakeFor(ConnectionState worker, FunctionState function)
    {
        worker.IsAsleep = false;
        worker.WokenFor = function;
        worker.WokenAtMs = state.NowMs;
        worker.PreviousWoken = _youngest;
        if (_youngest is null)
            _oldest = worker;
        else
            _youngest.NextWoken = worker;
        _youngest = worker;
        function.Woken++;
        state.Counters.WakeUps++;
        PacketWriter.Write(state.Replies.To(worker), PacketMagic.Response, PacketType.Noop);
    }
}
