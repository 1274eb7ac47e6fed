using Flotilla.Groups.Core;

namespace Flotilla.Simulation.Groups;

/// <summary>What runs on a simulated node, in its process.</summary>
internal interface INodeApplication
{
    /// <summary>A process began.</summary>
    void Started();

    /// <summary>It ended.</summary>
    void Ended();

    /// <summary>The node's incarnation was evicted; within a step.</summary>
    void Evicted();

    /// <summary>The node lost its lease; within a step.</summary>
    void PrimaryLost();

    /// <summary>Commands put off in a step may be given now.</summary>
    void RunQueued();

    /// <summary>Now and then, outside of a step.</summary>
    void Work();

    /// <summary>Something it put off by <see cref="SimNode.Later"/>; outside of a step.</summary>
    void Perform(object what);

    /// <summary>Within a step.</summary>
    void Deliver(in GroupDelivery delivery);

    /// <summary>Within a step.</summary>
    void Completed(ulong token, in CommandOutcome outcome);
}
