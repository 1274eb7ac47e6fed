namespace Flotilla.Cluster.Core;

/// <summary>What the group is asked to promise about a command.</summary>
public enum CommandClass
{
    /// <summary>The same order everywhere: reports.</summary>
    Ordered,

    /// <summary>A majority has it: keep-alives.</summary>
    Safe,

    /// <summary>A majority has it on disk: decisions.</summary>
    SafeDurable,
}
