using Flotilla.Groups.Core;
using Flotilla.Groups.Core.Frames;

namespace Flotilla.Simulation.Groups;

/// <summary>What a node hears from others than the hosts of its world; and what special worlds do to it.</summary>
internal sealed partial class SimNode
{
    /// <summary>Of the program that is installed here.</summary>
    public int WireVersion { get; set; } = FrameLimits.WireVersion;

    public void GuestUp(PeerHello hello) => Hear(NodeInput.PeerUp(LocalNs, hello));

    public void GuestFrame(NodeId guest, ReadOnlySpan<byte> frame) => Hear(NodeInput.Frame(LocalNs, guest, frame));

    public void GuestDown(NodeId guest) => Hear(NodeInput.PeerDown(LocalNs, guest, PeerLoss.Closed));

    /// <summary>Half of the votes is all there is.</summary>
    public void TieBreakNeeded(TieBreak tie) => _world.TieBreakNeeded(this, tie);

    /// <summary>The disk of a process that ended goes bad: what it said and knew is as good as lost.</summary>
    public void Rot(uint draw)
    {
        Disk.Rot(draw);
        LastNode = default;
    }

    private void Hear(in NodeInput input)
    {
        if (IsPaused)
            return;
        Step(input);
        Settle();
    }
}
