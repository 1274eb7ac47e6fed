namespace Flotilla.Gearman.Tests.Servers;

/// <summary>Which servers a conversation is held with.</summary>
public static class Applicable
{
    /// <summary>
    /// Perl gearmand knows neither of these packets; it takes the milliseconds of a timeout for seconds, and fails the jobs of a lost worker.
    /// </summary>
    private static readonly Feature[] NotInPerl =
    [
        Feature.LowPriority, Feature.DataAndWarnings, Feature.StatusByUnique, Feature.Epoch, Feature.Reduce, Feature.Cancel,
        Feature.FunctionTimeout, Feature.RetryAfterLostWorker, Feature.AdminLists, Feature.Extensions,
    ];

    public static bool Has(ServerKind kind, Feature feature) => kind switch
    {
        ServerKind.Flotilla => true,
        ServerKind.Gearmand => feature is not Feature.Extensions,
        ServerKind.PerlGearmand => !NotInPerl.Contains(feature),
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };
}
