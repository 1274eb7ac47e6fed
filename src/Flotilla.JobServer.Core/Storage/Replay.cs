using Flotilla.Primitives;

namespace Flotilla.JobServer.Core;

/// <summary>Takes what the store reads back at start-up.</summary>
internal sealed class Replay(MachineState state)
{
    public void Apply(in StoredRecord record)
    {
        if (record.Kind != StoredRecordKind.FunctionSet)
            state.NextJobId = Math.Max(state.NextJobId, record.Id.Value + 1);
        switch (record.Kind)
        {
            case StoredRecordKind.JobAdded:
                // limits are not asked: the job was acknowledged
                if (state.Jobs.Find(record.Id) == JobTable.None && state.Functions.FindOrAdd(record.Function) is { } function)
                    state.Lifecycle.Restore(record, function);
                break;
            case StoredRecordKind.JobRetried or StoredRecordKind.JobBuried:
                if (state.Jobs.Find(record.Id) is not JobTable.None and var changed)
                    state.Lifecycle.RestoreChange(changed, record);
                break;
            case StoredRecordKind.JobRemoved:
                if (state.Jobs.Find(record.Id) is not JobTable.None and var removed)
                    state.Lifecycle.RestoreRemoval(removed);
                break;
            case StoredRecordKind.ScheduleAdded or StoredRecordKind.ScheduleFired or StoredRecordKind.ScheduleRemoved:
                state.Schedules.Restore(record);
                break;
            case StoredRecordKind.FunctionSet:
                if (!record.Data.IsEmpty && state.Functions.FindOrAdd(record.Function) is { } settled)
                {
                    FunctionSettings.Restore(settled, record.Data);
                    state.Functions.UpdateReady(settled);
                }

                break;
            default:
                Invariant.Require(false, "a known kind of record");
                break;
        }
    }
}
