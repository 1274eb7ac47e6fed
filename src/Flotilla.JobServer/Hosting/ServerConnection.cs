using Flotilla.JobServer.Core;
using Flotilla.Primitives;

namespace Flotilla.JobServer.Hosting;

/// <summary>One connection as the machine knows it. Everything here is touched under the gate's lock only.</summary>
internal abstract class ServerConnection(ServerLoop loop)
{
    /// <summary>The loop that serves it.</summary>
    public ServerLoop Loop { get; } = loop;

    public ConnectionId Id { get; set; }

    /// <summary>The machine wrote to it, or ended it, since its loop last looked.</summary>
    public bool IsTouched { get; set; }

    /// <summary>Where the machine writes.</summary>
    public abstract ByteQueue MachineOutput { get; }

    /// <summary>The machine ends it; <paramref name="why"/> is the log line.</summary>
    public abstract void EndByMachine(CloseReason reason, string? why);

    /// <summary>On its loop, once per batch in which it was touched: passes on what the machine wrote.</summary>
    public abstract void Finish(long nowMs);
}
