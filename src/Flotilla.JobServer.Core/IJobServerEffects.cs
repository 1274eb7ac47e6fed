using Flotilla.Primitives;

namespace Flotilla.JobServer.Core;

/// <summary>What the machine asks of its runtime. Called only from within <see cref="JobMachine.Step"/>, in order.</summary>
public interface IJobServerEffects
{
    /// <summary>Where bytes for a connection are written; the runtime sends what is in it when the batch of steps is over.</summary>
    ByteQueue Output(ConnectionId connection);

    /// <summary>Ends a connection after its output was sent. The machine still waits for <see cref="JobServerInputKind.Disconnected"/>.</summary>
    void Close(ConnectionId connection, CloseReason reason);

    /// <summary>
    /// Hands a record to the store. Sequence numbers grow by one; the runtime answers with <see cref="JobServerInputKind.StoreCommitted"/>
    /// or <see cref="JobServerInputKind.StoreFailed"/>, in order, each for all records up to a number.
    /// </summary>
    void Store(ulong sequence, in StoredRecord record);

    /// <summary>Something a log, a metric or a hook may want to know.</summary>
    void Report(in JobServerEvent happened);
}
