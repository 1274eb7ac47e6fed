namespace Flotilla.JobServer.Core;

/// <summary>One function that one connection can do.</summary>
internal struct WorkerAbility : ISlot
{
    /// <summary>The connection's slot.</summary>
    public int Connection;
    public int Function;

    /// <summary>Longest run of a job of this function on this worker; 0 is without limit.</summary>
    public int TimeoutMs;

    /// <summary>Neighbours in the function's sleep list, or in the connection's list of abilities that are in no sleep list.</summary>
    public int Next;
    public int Previous;
    public bool IsListed;

    public int NextFree
    {
        readonly get => Next;
        set => Next = value;
    }
}
