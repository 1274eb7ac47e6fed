namespace Flotilla.Bench.Clusters;

/// <summary>Three database servers on three hosts, and what makes one cluster of them.</summary>
internal interface IClusterUnderTest : IAsyncDisposable
{
    string Name { get; }

    IReadOnlyList<DatabaseHost> Hosts { get; }

    /// <summary>Whether what was lost comes back without hands. Otherwise a new cluster is made after each fault.</summary>
    bool HealsItself { get; }

    /// <summary>What a person has to do after a fault until all is as before.</summary>
    string ByHand(Fault fault);

    /// <summary>All three servers are there, have everything, and would be replaced.</summary>
    Task UntilReadyAsync();

    /// <summary>The way to take a server out of use while it is well.</summary>
    Task SwitchOverAsync(DatabaseHost from, DatabaseHost to);
}
