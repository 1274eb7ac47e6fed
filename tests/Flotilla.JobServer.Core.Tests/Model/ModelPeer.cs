namespace Flotilla.JobServer.Core.Tests;

/// <summary>A connection: what it can do, in the order of service, and what it is to be told.</summary>
internal sealed class ModelPeer(int number)
{
    public int Number { get; } = number;

    public bool IsGone { get; set; }

    public bool WantsExceptions { get; set; }

    public bool WantsCancellations { get; set; }

    public bool IsAsleep { get; set; }

    /// <summary>Something waited for the store when the step before ended.</summary>
    public bool WasHeld { get; set; }

    /// <summary>The next to be served first.</summary>
    public List<(ModelFunction Function, int TimeoutMs)> Abilities { get; } = [];

    /// <summary>What it will read, in order; an entry with a sequence waits for the store.</summary>
    public List<(string Text, ulong Sequence, string Failure)> Outbox { get; } = [];

    public void Tell(string text)
    {
        if (!IsGone)
            Outbox.Add((text, 0, ""));
    }

    public void TellWhenStored(string text, ulong sequence) => Outbox.Add((text, sequence, "Error QUEUE_ERROR|disk full"));

    /// <summary>Settles what waited for records up to a number.</summary>
    public void Settle(ulong first, ulong last, bool isDurable)
    {
        for (var i = 0; i < Outbox.Count; i++)
        {
            var (text, sequence, failure) = Outbox[i];
            if (sequence >= first && sequence <= last)
                Outbox[i] = (isDurable ? text : failure, 0, "");
        }
    }

    /// <summary>Takes what may be read by now.</summary>
    public List<string> Take()
    {
        var ready = Outbox.TakeWhile(entry => entry.Sequence == 0).Select(entry => entry.Text).ToList();
        Outbox.RemoveRange(0, ready.Count);
        return ready;
    }
}
