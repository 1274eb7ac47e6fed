namespace Flotilla.Gearman.Tests.Servers;

/// <summary>What not every job server has; conversations that need it leave those servers out.</summary>
public enum Feature
{
    Everything,
    LowPriority,
    DataAndWarnings,
    StatusByUnique,
    Epoch,
    Reduce,
    Cancel,
    FunctionTimeout,
    RetryAfterLostWorker,
    AdminLists,

    /// <summary>What only Flotilla's server has.</summary>
    Extensions,
}
