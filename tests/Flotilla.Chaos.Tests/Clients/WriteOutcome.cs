namespace Flotilla.Chaos.Tests.Clients;

/// <summary>What a client knows of a row that it wrote.</summary>
internal enum WriteOutcome
{
    /// <summary>The server said that it is committed.</summary>
    Acknowledged,

    /// <summary>The server refused it as it is read-only: it must be nowhere.</summary>
    Refused,

    /// <summary>It may be there or not.</summary>
    Unknown,
}
