namespace Flotilla.JobServer.Core;

/// <summary>One job without its bytes; 96 bytes. Bytes are in one block: unique, reducer, then the payload unless it is large.</summary>
internal struct JobRecord : ISlot
{
    public ulong Id;

    /// <summary>Sequence of its JobAdded, while <see cref="JobFlags.StorePending"/>.</summary>
    public ulong StoreSequence;

    public long CreatedMs;

    /// <summary>Runnable since, running since, dead since; due at, while storing or delayed.</summary>
    public long SinceMs;

    /// <summary>Neighbours in the one list it is in: queue, delayed or dead list of its function, or its worker's running list.</summary>
    public int Next;
    public int Previous;
    public int Function;
    public int Block;

    /// <summary>Large payload's number in <see cref="SharedPayloads"/>.</summary>
    public int Shared;
    public int DataLength;

    /// <summary>First of the foreground clients that wait for it.</summary>
    public int FirstLink;

    /// <summary>Slot of the connection that runs it.</summary>
    public int Worker;

    /// <summary>Position in the timer heap.</summary>
    public int Timer;
    public int Attempts;
    public uint Numerator;
    public uint Denominator;
    public uint UniqueHash;
    public ushort ReducerLength;
    public byte UniqueLength;
    public JobState State;
    public JobPriority Priority;
    public JobFlags Flags;

    public int NextFree
    {
        readonly get => Next;
        set
        {
            Next = value;
            State = JobState.Free;
        }
    }

    public readonly bool Has(JobFlags flag) => (Flags & flag) != JobFlags.None;
}
