namespace Flotilla.Cluster.Core.Actions;

/// <summary>When a hook runs.</summary>
public enum HookKind
{
    /// <summary>Before a candidate becomes writable. When it fails, so does the candidate.</summary>
    BeforePromotion,

    /// <summary>After it did.</summary>
    AfterPromotion,
}
