using Flotilla.Gearman.Protocol;

namespace Flotilla.JobServer.Core;

/// <summary>What a worker can do, and when it no longer can.</summary>
internal sealed class AbilityPackets(MachineState state)
{
    /// <summary>gearmand takes 1 to 999 ms for a whole second; clients were tuned to it.</summary>
    private const int ShortestTimeoutMs = 1000;

    public void CanDo(ConnectionState worker, ReadOnlySpan<byte> name, int timeoutMs)
    {
        if (name.Length > state.Options.FunctionNameBytesMax)
        {
            state.Replies.Error(worker, ErrorCodes.ArgumentTooLarge, ErrorTexts.FunctionNameTooLarge);
            return;
        }

        if (!state.Access.Allows(worker, name, AccessRights.Work))
        {
            state.Access.ReportDenied(worker, name, "work");
            state.Replies.Error(worker, ErrorCodes.NotAuthorized, ErrorTexts.NotAuthorized);
            return;
        }

        if (state.Functions.FindOrAdd(name) is not { } function)
        {
            state.Replies.Error(worker, ErrorCodes.QueueError, "Too many functions"u8);
            return;
        }

        function.IsListed = true;
        state.Abilities.Add(worker, function, timeoutMs);
        state.WakeUps.Wake(function);
    }

    /// <summary>Function, timeout in milliseconds; 0, negative or no number is no timeout. False when the timeout is missing.</summary>
    public bool CanDoTimeout(ConnectionState worker, ReadOnlySpan<byte> body)
    {
        var arguments = new PacketArguments(body);
        if (!arguments.TryNext(out var name))
            return false;
        var timeout = TimeoutMs(arguments.Last);
        CanDo(worker, name, timeout);
        return true;
    }

    public void CantDo(ConnectionState worker, ReadOnlySpan<byte> name)
    {
        if (state.Functions.Find(name) is { } function && worker.Abilities.PositionOf(function.Index) is >= 0 and var position)
            GiveUp(worker, position);
    }

    public void Reset(ConnectionState worker)
    {
        while (worker.Abilities.Count > 0)
            GiveUp(worker, worker.Abilities.Count - 1);
    }

    /// <summary>Everything a connection leaves behind: woken for, abilities, jobs it ran, jobs it waited for.</summary>
    public void Leave(ConnectionState connection)
    {
        var lost = !state.IsStopping && connection.FirstRunning != JobTable.None;
        var wokenFor = connection.WokenFor;
        state.WakeUps.EndWait(connection);
        while (connection.Abilities.Count > 0)
            state.Abilities.RemoveAt(connection, connection.Abilities.Count - 1);
        if (wokenFor is not null)
            state.WakeUps.Wake(wokenFor);
        if (lost)
        {
            state.Counters.WorkersLost++;
            state.Report(JobServerEventKind.WorkerLost, state.Functions[state.Jobs[connection.FirstRunning].Function], connection.Id);
        }

        while (connection.FirstRunning != JobTable.None)
            state.Lifecycle.Lose(connection.FirstRunning, "worker lost");
        while (connection.FirstLink != ClientLinks.None)
        {
            var job = state.Links[connection.FirstLink].Job;
            state.Links.Detach(connection, connection.FirstLink);
            state.Lifecycle.AbandonIfUnwanted(job);
        }
    }

    private void GiveUp(ConnectionState worker, int position)
    {
        var function = state.Functions[worker.Abilities.Functions[position]];
        state.Abilities.RemoveAt(worker, position);
        var wasWoken = worker.WokenFor == function;
        if (wasWoken)
            state.WakeUps.EndWait(worker);
        for (var job = worker.FirstRunning; job != JobTable.None;)
        {
            var next = state.Jobs[job].Next;
            if (state.Jobs[job].Function == function.Index)
                state.Lifecycle.Lose(job, "worker gave the function up");
            job = next;
        }

        if (wasWoken)
            state.WakeUps.Wake(function);
    }

    private static int TimeoutMs(ReadOnlySpan<byte> text)
    {
        var value = AsciiNumber.Leading(text);
        return value <= 0 ? 0 : (int)Math.Clamp(value, ShortestTimeoutMs, int.MaxValue);
    }
}
