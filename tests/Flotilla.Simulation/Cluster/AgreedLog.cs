using Flotilla.Cluster.Core;

namespace Flotilla.Simulation.Cluster;

/// <summary>
/// What the nodes were delivered, by its place in the group's log: the newest of it, and whether all had the same. A report may vanish with everybody who had it; a decision never.
/// </summary>
internal sealed class AgreedLog(ClusterWorld world)
{
    private readonly List<ClusterCommand> _commands = [];
    private readonly SortedDictionary<ulong, Entry> _entries = [];
    private ulong _last;

    /// <summary>The state after the newest command that anybody was delivered.</summary>
    public ClusterState Head { get; private set; } = ClusterState.Empty;

    /// <summary>Bodies of messages are numbers: what they stand for is never changed.</summary>
    public byte[] Body(ClusterCommand command)
    {
        _commands.Add(command);
        return BitConverter.GetBytes(_commands.Count - 1);
    }

    public ClusterCommand Read(ReadOnlySpan<byte> body) => _commands[BitConverter.ToInt32(body)];

    /// <summary>A node took a command.</summary>
    public void Took(NodeName node, in Delivered delivered, ClusterState before, ClusterState after)
    {
        if (_entries.TryGetValue(delivered.Sequence, out var known))
        {
            if (ReferenceEquals(known.Command, delivered.Command))
            {
                if (!ReferenceEquals(known.After, after) && DigestOf(known.After) != DigestOf(after))
                    world.Checks.Fail("C3", $"{node} has another state after {delivered.Sequence}: {DigestOf(after)}, not {DigestOf(known.After)}");
                return;
            }

            if (delivered.Epoch <= known.Epoch)
            {
                Lost(node, delivered.Command, before, after);
                return;
            }

            ForgetFrom(node, delivered.Sequence);
        }

        _entries[delivered.Sequence] = new Entry(delivered.Epoch, delivered.Command, before, after);
        if (delivered.Sequence <= _last)
            return;
        (_last, Head) = (delivered.Sequence, after);
        world.Checks.Decided(before, after, delivered.Command);
    }

    private static (ulong Epoch, ulong Plan, PlanPhase? Phase, int Told, ulong Order, ulong Decision, int Servers) DigestOf(ClusterState state)
        => (state.LastEpoch, state.LastPlan, state.Plan?.Phase, state.Plan?.Positions.Length ?? 0, state.LastOrder, state.LastDecision, state.Servers.Length);

    // Others went on without what somebody was delivered.
    private void ForgetFrom(NodeName node, ulong sequence)
    {
        foreach (var (at, entry) in _entries.Where(one => one.Key >= sequence).ToList())
        {
            _entries.Remove(at);
            Lost(node, entry.Command, entry.Before, entry.After);
        }

        _last = sequence - 1;
    }

    private void Lost(NodeName node, ClusterCommand command, ClusterState before, ClusterState after)
    {
        world.Count("told, and lost");
        if (command.Class == CommandClass.SafeDurable && !ReferenceEquals(before, after))
            world.Checks.Fail("C3", $"{node} goes on without a decision that was delivered: {command}");
    }

    /// <summary>A command at its place.</summary>
    internal readonly record struct Delivered(ulong Epoch, ulong Sequence, ClusterCommand Command);

    private sealed record Entry(ulong Epoch, ClusterCommand Command, ClusterState Before, ClusterState After);
}
