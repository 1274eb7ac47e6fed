namespace Flotilla.Cluster.Core;

/// <summary>What to do with a server that has transactions which the cluster has not, after they were saved to a file.</summary>
public enum DivergencePolicy
{
    /// <summary>Take them back where all of them can be, fill the server anew otherwise.</summary>
    FlashBack,

    /// <summary>Fill it anew.</summary>
    Provision,

    /// <summary>Leave it to a person.</summary>
    Wait,
}
