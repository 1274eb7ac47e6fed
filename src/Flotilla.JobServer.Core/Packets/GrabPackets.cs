using Flotilla.Gearman.Protocol;

namespace Flotilla.JobServer.Core;

/// <summary>GRAB_JOB, GRAB_JOB_UNIQ, GRAB_JOB_ALL: hands a job to a worker.</summary>
internal sealed class GrabPackets(MachineState state)
{
    public void Grab(ConnectionState worker, PacketType type)
    {
        var wokenFor = worker.WokenFor;
        state.WakeUps.EndWait(worker);
        var function = state.WakeUps.FindRunnable(worker, out var position);
        if (function is null)
            PacketWriter.Write(state.Replies.To(worker), PacketMagic.Response, PacketType.NoJob);
        else
            Assign(worker, function, position, type);
        if (wokenFor is not null)
            state.WakeUps.Wake(wokenFor);
    }

    private void Assign(ConnectionState worker, FunctionState function, int position, PacketType type)
    {
        var timeout = state.Abilities[worker.Abilities.AbilityAt(position)].TimeoutMs;
        if (state.Options.RoundRobin)
            worker.Abilities.MoveToEndOfTurn(position);
        var job = function.QueueHead(HighestReady(function));
        state.Lifecycle.Start(job, worker, timeout);
        Write(worker, function, job, type);
    }

    private JobPriority HighestReady(FunctionState function)
    {
        var ready = state.Functions.ReadyMask(function.Index);
        return (ready & 1) != 0 ? JobPriority.High : (ready & 2) != 0 ? JobPriority.Normal : JobPriority.Low;
    }

    private void Write(ConnectionState worker, FunctionState function, int job, PacketType type)
    {
        ref var record = ref state.Jobs[job];
        var withReducer = type == PacketType.GrabJobAll && record.ReducerLength > 0;
        var withUnique = type != PacketType.GrabJob;
        var answer = withReducer ? PacketType.JobAssignAll : withUnique ? PacketType.JobAssignUniq : PacketType.JobAssign;
        Span<byte> handleSpace = stackalloc byte[JobHandles.SizeBytesMax];
        var handle = state.Handles.Write(record.Id, handleSpace);
        var unique = withUnique ? state.Jobs.Unique(job) : default;
        var reducer = withReducer ? state.Jobs.Reducer(job) : default;
        var terminated = handle.Length + 1 + function.Name.Length + 1 + (withUnique ? unique.Length + 1 : 0) + (withReducer ? reducer.Length + 1 : 0);
        var shared = state.Jobs.SharedData(job);
        var size = PacketHeader.SizeBytes + terminated + (shared.IsEmpty ? record.DataLength : 0);
        var output = state.Replies.To(worker);
        var all = output.GetSpan(size);
        new PacketHeader(PacketMagic.Response, answer, (uint)(terminated + record.DataLength)).Write(all);
        var rest = Put(Put(all[PacketHeader.SizeBytes..], handle), function.Name);
        if (withUnique)
            rest = Put(rest, unique);
        if (withReducer)
            rest = Put(rest, reducer);
        if (shared.IsEmpty)
            state.Jobs.Data(job).CopyTo(rest);
        output.Advance(size);
        output.AppendShared(shared);
    }

    private static Span<byte> Put(Span<byte> target, ReadOnlySpan<byte> argument)
    {
        argument.CopyTo(target);
        target[argument.Length] = 0;
        return target[(argument.Length + 1)..];
    }
}
