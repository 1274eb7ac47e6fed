namespace Flotilla.Gearman;

/// <summary>What a client does with a job whose connection was lost.</summary>
public enum ResubmitPolicy
{
    /// <summary>The caller gets <see cref="ConnectionLostException"/>. No job is submitted twice.</summary>
    Never,

    /// <summary>
    /// Submitted again, at the next server if need be, unless a server had accepted it. It may then run twice (the acceptance, not the
    /// job, may have been lost): give it a unique key or make it harmless.
    /// </summary>
    UntilAccepted,

    /// <summary>As <see cref="UntilAccepted"/>, and foreground jobs also when their connection is lost while they run.</summary>
    UntilCompleted,
}
