using Flotilla.Groups.Core;
using Flotilla.Primitives;

namespace Flotilla.Simulation.Groups;

/// <summary>What one node knows of its connection to another.</summary>
internal sealed class SimPeer
{
    public ByteQueue Output { get; } = new();

    /// <summary>0 without a connection.</summary>
    public long Connection { get; set; }

    /// <summary>Who said hello on it.</summary>
    public NodeId Node { get; set; }

    /// <summary>Named by a seed or a view: dialled.</summary>
    public bool IsWanted { get; set; }
}
