namespace Flotilla.Gearman;

/// <summary>Which job server of the list a client prefers; the others follow when it can't be reached.</summary>
public enum ServerSelection
{
    /// <summary>The first of the list that lives.</summary>
    InOrder,

    /// <summary>Each request starts with the next one.</summary>
    RoundRobin,

    /// <summary>
    /// The function and the unique key decide (rendezvous hashing), so that equal jobs of many clients meet and coalesce at one server. When
    /// a server goes, only its keys move. Jobs without a unique key go round.
    /// </summary>
    HashByUnique,
}
