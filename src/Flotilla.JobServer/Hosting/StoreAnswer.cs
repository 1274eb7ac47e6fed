using Flotilla.JobServer.Core;

namespace Flotilla.JobServer.Hosting;

/// <summary>What the store said of all records up to a sequence number: durable, or why not.</summary>
internal sealed record StoreAnswer(StorePump Pump, ulong Sequence, string? Refusal)
{
    public void Step(MachineGate gate, long nowMs)
    {
        Pump.OnAnswered(Sequence);
        if (Refusal is null)
            gate.Machine.Step(JobServerInput.StoreCommitted(nowMs, Sequence), gate);
        else
            gate.Machine.Step(JobServerInput.StoreFailed(nowMs, Sequence, Refusal), gate);
    }
}
