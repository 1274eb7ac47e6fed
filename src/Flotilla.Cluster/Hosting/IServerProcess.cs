using Flotilla.Guard;

namespace Flotilla.Cluster.Hosting;

/// <summary>The process of one of the node's servers: whoever runs it, the machine is told when it begins and ends.</summary>
internal interface IServerProcess : IAsyncDisposable
{
    /// <summary>How it is now. On any thread.</summary>
    GuardState State { get; }

    void Start();

    /// <summary>Moves the moment at which it is killed, or takes it away.</summary>
    Task SetDeadlineAsync(ulong epoch, long? deadlineNs);
}
