using Flotilla.Primitives;

namespace Flotilla.Simulation.Groups;

/// <summary>
/// Worlds with what the others lack: clusters of two, operators who use force, nodes of another version or another cluster, disks that rot. They have seeds of their own,
/// so that the others' stay as they are.
/// </summary>
internal static class SpecialWorlds
{
    public static FaultKind[] Kinds { get; } =
    [
        FaultKind.NewerVersion, FaultKind.UnknownFrame, FaultKind.BitRot, FaultKind.ForeignNode, FaultKind.ForceBootstrap,
        FaultKind.Kill, FaultKind.KillSequencer, FaultKind.Stop, FaultKind.Pause, FaultKind.Halves, FaultKind.Isolate, FaultKind.OneWay, FaultKind.Loss, FaultKind.Reset,
    ];

    /// <summary>Of two nodes: every cut is a tie.</summary>
    public static FaultKind[] KindsOfTwo { get; } =
    [
        FaultKind.NewerVersion, FaultKind.UnknownFrame, FaultKind.ForeignNode, FaultKind.ForceBootstrap,
        FaultKind.Kill, FaultKind.KillSequencer, FaultKind.PowerFailure, FaultKind.Pause, FaultKind.Isolate, FaultKind.OneWay, FaultKind.Isolate, FaultKind.Loss,
    ];

    public static WorldParameters Draw(WorldParameters world, SeededRandom random)
    {
        var isPair = random.OneIn(2);
        var nodes = isPair ? 2 : random.Next(3, 6);
        var tie = (TieRule)random.Next(4);
        return world with
        {
            Nodes = nodes,
            Founders = nodes,
            IsSpecial = true,
            Tie = tie,
            Weights = [.. Enumerable.Range(0, nodes).Select(node => isPair && tie == TieRule.Weight && node == 0 ? 2 : 1)],
            Faults = random.Next(6, 12),
        };
    }
}
